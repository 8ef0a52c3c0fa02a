"""Traces made up: valid documents of every kind, with parents that may be missing or go in a circle."""

from typing import Any

from hypothesis import strategies as st

TRACE_ID = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
ACCOUNT_ID = "123456789012"
NAMES = ("api", "web", "DynamoDB", "sns", "Lambda", "db@host")

_TEXT = st.sampled_from(["", "a", "GET", "http://a/b", "10.0.0.1"]) | st.text(max_size=4)
_WHOLE = st.sampled_from([0, 200, 404, 429, 503, 2**63 - 1])
_TIMES = st.sampled_from([0, 1, 2, 3.5, 1602537377.125, 1602537378, 10**300]) | st.floats(0, 1.7e308)
_NUMBERS = st.integers(-5, 5) | st.floats() | st.just(10**400)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


_ENTITY_IDS = st.integers(0, 14).map(lambda number: f"{number:016x}")
_EXCEPTION = st.builds(
    lambda more, identity: {**more, "id": identity}, some(type=_TEXT, message=_TEXT), _ENTITY_IDS
)
_HTTP = some(
    request=some(method=_TEXT, url=_TEXT, user_agent=_TEXT, client_ip=_TEXT, traced=st.booleans()),
    response=some(status=_WHOLE, content_length=_WHOLE),
)
_AWS = some(
    account_id=st.sampled_from(["", "1", "2"]),
    table_name=st.sampled_from(["", "table"]),
    table_names=st.lists(st.just("tables"), max_size=2),
    operation=_TEXT,
    ec2=some(instance_id=_TEXT, availability_zone=_TEXT),
)
_ENTITIES = some(
    error=st.booleans(),
    throttle=st.booleans(),
    fault=st.booleans(),
    inferred=st.booleans(),
    traced=st.booleans(),
    namespace=st.sampled_from(["aws", "remote", "local"]),
    origin=st.sampled_from(["", "AWS::EC2::Instance", "AWS::DynamoDB::Table", "AWS::Lambda"]),
    user=_TEXT,
    resource_arn=_TEXT,
    http=_HTTP,
    aws=_AWS,
    sql=some(url=_TEXT),
    cause=_ENTITY_IDS | some(exceptions=st.lists(_EXCEPTION, max_size=2)),
    annotations=st.dictionaries(st.sampled_from(["a", "b.c"]), _TEXT | st.booleans() | _NUMBERS, max_size=2),
    metadata=some(default=st.just({"deep": [1]})),
    links=st.just([{"trace_id": TRACE_ID, "id": "1111222233334444"}]),
)
_KINDS = st.sampled_from(["segment", "segment", "independent", "embedded"])
_SHAPES = st.tuples(
    _KINDS, st.none() | st.integers(0, 14), st.sampled_from(NAMES), _TIMES, st.none() | _TIMES
)


def _put_together(parts: list[tuple[tuple[Any, ...], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return top-level documents; each part has an id of its own, embedded ones lie in an earlier part."""
    documents: list[dict[str, Any]] = []
    entities: list[dict[str, Any]] = []
    for number, ((kind, parent, name, start, end), more) in enumerate(parts):
        entity = {**more, "id": f"{number:016x}", "name": name, "start_time": start}
        entity |= {"in_progress": True} if end is None else {"end_time": end}
        if kind == "embedded" and entities and parent is not None:
            entities[parent % len(entities)].setdefault("subsegments", []).append(entity)
        else:
            documents.append(entity | {"trace_id": TRACE_ID})
            entity = documents[-1]
            if parent is not None:
                entity["parent_id"] = f"{parent:016x}"
                if kind == "independent":
                    entity["type"] = "subsegment"
        entities.append(entity)
    return documents


def traces() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return the documents of one trace, all of which X-Ray takes; no two have the same id."""
    return st.lists(st.tuples(_SHAPES, _ENTITIES), min_size=1, max_size=12).map(_put_together)


def begun(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as it may be sent while in progress: before its end and before what is in it."""
    kept = {key: value for key, value in document.items() if key not in ("end_time", "subsegments")}
    return {**kept, "in_progress": True, "fault": True, "annotations": {"begun": True}}
