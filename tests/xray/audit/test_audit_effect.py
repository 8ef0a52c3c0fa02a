"""What a group's filter does to the samples, and which of its parts no sample meets."""

from __future__ import annotations

import pytest

from xray.audit import (
    Route,
    group_effect,
    is_of_others,
    sample_documents,
    sample_traces,
    service_names,
    traces_of,
)
from xray.filters import FilterError, GroupError, GroupVersion, parse, resolve
from xray.segments import validate_document

NAME = "backend-flask"


@pytest.mark.parametrize(
    ("expression", "matched", "unmet"),
    [
        (f'service("{NAME}")', 4, ()),
        ('service("backend-flash")', 0, ('service("backend-flash")',)),
        (f'service("{NAME}") AND fault', 1, ()),
        (f'service("{NAME}") {{error}}', 1, ()),
        (f'service("{NAME}") responsetime > 5', 1, ()),
        (f'service("{NAME}") AND user = "x"', 0, ('user = "x"',)),
        (f'service("{NAME}") OR service("Cruddur")', 4, ('service("Cruddur")',)),
        ("ok AND !ok", 0, ("ok AND !ok",)),
        (f'!service("{NAME}")', 0, (f'!service("{NAME}")',)),
        ('user = "x" OR throttle AND ok', 0, ('user = "x"', "throttle")),
        ('annotation[http.route] = "/api/activities/home"', 3, ()),
        ('http.url CONTAINS "/api/"', 4, ()),
    ],
)
def test_an_effect(expression: str, matched: int, unmet: tuple[str, ...]) -> None:
    """How many of the four samples match, and the smallest parts that none meets."""
    found = group_effect(expression, sample_traces(NAME))
    assert (found.matched, found.total, found.unmet) == (matched, 4, unmet)
    assert group_effect(parse(expression), sample_traces(NAME)) == found


def test_without_traces_nothing_is_said_of_a_filters_parts() -> None:
    """No trace meets any of them then, which says nothing about the filter."""
    found = group_effect("fault", [])
    assert (found.matched, found.total, found.unmet) == (0, 0, ())


def test_what_is_no_filter_is_an_error() -> None:
    """And so is a filter that names another group, whose own filter isn't known here."""
    with pytest.raises(FilterError, match="line 1"):
        group_effect("service(", sample_traces(NAME))
    with pytest.raises(GroupError, match="other"):
        group_effect('group.name = "other"', sample_traces(NAME))


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        (f'service("{NAME}") {{fault}}', (NAME,)),
        ('edge("a", "b") OR !service(id(name: "c", type: "t")) AND name = "a"', ("a", "b", "c")),
        ('service("a") {name = "d"}', ("a", "d")),
        ('fault OR service() {name != "x"} OR service(id(type: "t"))', ()),
    ],
)
def test_names_that_a_filter_asks_for(expression: str, names: tuple[str, ...]) -> None:
    """Wherever they stand in it, each once."""
    assert service_names(parse(expression)) == names


@pytest.mark.parametrize("name", [NAME, "Cruddur <ünï> " + "x" * 300, "*?"])
def test_x_ray_takes_the_samples(name: str) -> None:
    """Whatever the service is called: a trace for each route, and a slow, a refused and a failed one."""
    routes = [Route("GET", "/a"), Route("POST", "/b/1", "/b/*", "POST /b/<number>")]
    documents = sample_documents(name, routes=routes, origin="AWS::ECS::Container", host="example.com")
    assert [problem for document in documents for problem in validate_document(document)] == []
    traces = traces_of(documents)
    assert [(facts.http_method, facts.http_status) for facts in traces] == [
        ("GET", 200),
        ("POST", 200),
        ("GET", 200),
        ("GET", 404),
        ("GET", 500),
    ]
    assert {service.type for facts in traces for service in facts.services} == {"AWS::ECS::Container"}
    assert [one.text for one in traces[1].annotations] == ["/b/<number>"]
    assert [facts.http_url for facts in traces[:2]] == ["http://example.com/a", "http://example.com/b/1"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('service("Cruddur")', True),
        (f'service("{NAME}")', False),
        (f'service("{NAME}") AND service("Cruddur") {{fault}}', True),
        (f'service("{NAME}") AND user = "al"', False),
        ('service("Cruddur") OR user = "al"', False),
        ('service("Cruddur") OR service("db")', True),
        (f'!service("{NAME}")', True),
        (f'!service("{NAME}") {{ok}}', False),
        (f'!(service("{NAME}") OR fault)', True),
        (f'!(service("{NAME}") AND fault)', False),
        ('!service("Cruddur")', False),
        (f'edge("{NAME}", "db")', False),
        ('edge("a", "b")', True),
        ('group.name = "other"', False),
    ],
)
def test_whose_a_filter_is(expression: str, expected: bool) -> None:
    """Other services', or all but this one's; what depends on requests is no reason."""
    assert is_of_others(parse(expression), NAME) is expected


def test_a_named_group_is_followed() -> None:
    """Where its filter is given: what it takes counts, and whose it is."""
    groups = {
        name: [GroupVersion(0.0, None, None if text is None else parse(text))]
        for name, text in {"all": None, "faults": "fault", "theirs": 'service("Cruddur")'}.items()
    }

    def matched(text: str) -> int:
        return group_effect(text, sample_traces(NAME), groups).matched

    assert [matched(f'group.name = "{name}"') for name in groups] == [4, 1, 0]
    found = group_effect('ok AND group.name = "theirs"', sample_traces(NAME), groups)
    assert found.unmet == ('group.name = "theirs"',)
    of_others = [is_of_others(resolve(parse(f'group.name = "{name}"'), groups), NAME) for name in groups]
    assert of_others == [False, False, True]
