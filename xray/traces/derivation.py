"""A trace's documents made into facts."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xray.names import ANNOTATIONS_MAX_PER_TRACE
from xray.traces.causes import failure_causes, response_time_causes
from xray.traces.facts import CLIENT_TYPE, Annotation, EdgeFacts, ServiceFacts, TraceFacts
from xray.traces.figures import NO_FIGURES
from xray.traces.inferring import TABLE_TYPE, table_name
from xray.traces.places import Place, find_places
from xray.waterfall import merge_trace

# in published answers of X-Ray the segments that Lambda itself sends have no account
_WITHOUT_ACCOUNT = "AWS::Lambda"
_NOTHING: Mapping[str, Any] = {}
# what the caller of a service can't tell of it: user, zone, instance, resource and annotations
_UNKNOWN: tuple[Any, ...] = (None, None, None, None, ())


def derive(documents: Iterable[Mapping[str, Any]], account_id: str) -> TraceFacts:
    """Return what one trace's documents say of it.

    Expects documents of one trace that `xray.segments.validate_document` finds no problem in; of such it
    takes all, whatever their order. `account_id` is the account of segments that don't name theirs; services
    inferred have the one that their callers tell, or none. Links between traces are no facts.

    The root is the earliest segment without a parent, or else the earliest one, inferred ones last: X-Ray
    doesn't tell what it does while the segment that began the trace is missing.

    Raises:
        ValueError: there is no document.
    """
    documents = list(documents)
    if not documents:
        raise ValueError("expected at least one document of the trace")
    trace_id: str = documents[0]["trace_id"].lower()
    places = find_places(merge_trace(documents))
    root = min((place for place in places if not place.node.is_subsegment), key=_precedence, default=None)
    annotations, of_services, of_places = _annotations(places)
    services = _services(places, root, of_services, account_id)
    faults = [place for place in places if place.figures.fault]
    errors = [place for place in places if place.figures.error]
    figures = NO_FIGURES if root is None else root.figures
    return TraceFacts(
        trace_id,
        int(trace_id[2:10], 16),
        *_times(places),
        figures.response_time,
        any(place.figures.in_progress for place in places),
        figures.error,
        figures.throttle,
        figures.fault,
        figures.http_url,
        figures.http_method,
        figures.http_status,
        figures.http_user_agent,
        figures.http_client_ip,
        None if root is None else root.service,
        tuple(services),
        tuple(_edges(places, root, services, of_places)),
        annotations,
        failure_causes(places, faults, root, services),
        failure_causes(places, errors, root, services),
        response_time_causes(places, root, services),
    )


def _precedence(place: Place) -> tuple[bool, bool, float, str]:
    node = place.node
    return place.document.get("inferred", False), node.parent_id is not None, node.start_time, node.id


def _times(places: Sequence[Place]) -> tuple[float, float, float]:
    starts = [place.figures.start_time for place in places]
    ends = [end for place in places if (end := place.figures.end_time) is not None]
    start, end = min(starts), max(starts + ends)
    return start, end, round(end - start, 6)


_Annotations = tuple[Annotation, ...]


def _annotations(
    places: Sequence[Place],
) -> tuple[_Annotations, dict[int, list[Annotation]], dict[str, _Annotations]]:
    """Return the annotations of the trace, of each service, and of each segment's and subsegment's own.

    X-Ray indexes the first ANNOTATIONS_MAX_PER_TRACE of a trace, here by the start of what they stand in.
    """
    made: list[tuple[Place, list[Annotation]]] = []
    count = 0
    for place in places:
        values = place.document.get("annotations")
        if not values:
            continue
        service = place.service
        own = [one for key, value in values.items() if (one := _annotation(key, value, service))]
        made.append((place, own))
        count += len(own)
    if count > ANNOTATIONS_MAX_PER_TRACE:
        made = _first(made)
    found: list[Annotation] = []
    of_services: dict[int, list[Annotation]] = {}
    of_places: dict[str, _Annotations] = {}
    for place, own in made:
        found += own
        of_places[place.node.id] = tuple(own)
        if place.service is not None:
            of_services.setdefault(place.service, []).extend(own)
    return tuple(found), of_services, of_places


def _first(made: list[tuple[Place, list[Annotation]]]) -> list[tuple[Place, list[Annotation]]]:
    left = ANNOTATIONS_MAX_PER_TRACE
    kept: list[tuple[Place, list[Annotation]]] = []
    for place, own in sorted(made, key=lambda pair: pair[0].figures.start_time):
        kept.append((place, own[:left]))
        left -= len(kept[-1][1])
    return sorted(kept, key=lambda pair: pair[0].index)


def _annotation(key: str, value: object, service: int | None) -> Annotation | None:
    if isinstance(value, str):
        return Annotation(key, value, None, None, service)
    if isinstance(value, bool):
        return Annotation(key, None, None, value, service)
    # a number that is none to X-Ray is dropped, as is all that its schema doesn't know
    if isinstance(value, int | float) and abs(value) <= sys.float_info.max:
        return Annotation(key, None, float(value), None, service)
    return None


def _services(
    places: Sequence[Place],
    root: Place | None,
    annotations: Mapping[int, list[Annotation]],
    account_id: str,
) -> list[ServiceFacts]:
    services: list[ServiceFacts] = []
    for place in places:
        if not place.node.is_subsegment:
            own = tuple(annotations.get(len(services), ()))
            services.append(_sent(place, place is root, own, account_id))
        elif place.inferred is not None:
            services.append(ServiceFacts._make((*place.inferred, False, True, *place.figures, *_UNKNOWN)))
    return services


def _sent(place: Place, is_root: bool, annotations: _Annotations, account_id: str) -> ServiceFacts:
    node, document = place.node, place.document
    aws = document.get("aws", _NOTHING)
    ec2 = aws.get("ec2", _NOTHING)
    origin = document.get("origin")
    return ServiceFacts._make(
        (
            node.id,
            (table_name(aws) or node.name) if origin == TABLE_TYPE else node.name,
            origin,
            aws.get("account_id") or (None if origin == _WITHOUT_ACCOUNT else account_id),
            is_root,
            document.get("inferred", False),
            *place.figures,
            document.get("user"),
            ec2.get("availability_zone"),
            ec2.get("instance_id"),
            document.get("resource_arn"),
            annotations,
        )
    )


def _edges(
    places: Sequence[Place],
    root: Place | None,
    services: Sequence[ServiceFacts],
    annotations: Mapping[str, _Annotations],
) -> list[EdgeFacts]:
    edges: list[EdgeFacts] = []

    def add(source: Sequence[Any], callee: ServiceFacts, call: Place) -> None:
        own = annotations.get(call.node.id, ())
        edges.append(EdgeFacts._make((call.node.id, *source, *callee[1:4], *call.figures, own)))

    if root is not None and root.service is not None:
        entry = services[root.service]
        add((entry.name, CLIENT_TYPE, None), entry, root)
    for place in places:
        above = place.above
        if place.callee is not None:
            if place.service is not None:
                add(services[place.service][1:4], services[place.callee], place)
        elif above is not None and above.service is not None and not place.node.is_subsegment:
            call = above if above.node.is_subsegment else place
            add(services[above.service][1:4], services[place.service or 0], call)
    return edges
