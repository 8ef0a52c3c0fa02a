"""What the reference's examples leave open: values that are absent or several, bodies, root causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.xray.filters.made import annotation, cause, cause_entity, cause_service, edge, service, trace
from tests.xray.filters.table import Table
from xray.filters import evaluate, parse, to_sql
from xray.traces.facts import CauseException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xray.traces.facts import TraceFacts


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """One database for all."""
    made = Table()
    yield made
    made.close()


_TWO_USERS = trace(services=(service("a", user="u"), service("b", user="v"), service("c")))
_CALLED_BY_CLIENT = trace(services=(service("a", root=True),), edges=(edge("a", "a", source_type="client"),))
_ERROR_CAUSE = trace(
    error_causes=(
        cause(
            cause_service("a", cause_entity("a"), cause_entity("call", remote=True), account_id="1"),
            cause_service(
                "b",
                cause_entity("b", CauseException("First", "one"), CauseException("Last", None), coverage=0.5),
                type="t",
                inferred=True,
            ),
            client_impacting=False,
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        # Absent values: every comparison is false, its negation true.
        ("http.status != 200", trace(), False),
        ("!(http.status = 200)", trace(), True),
        ("http.status", trace(), False),
        ("http.status", trace(http_status=0), True),
        ('http.url CONTAINS ""', trace(), False),
        ("http.url", trace(http_url=""), True),
        ("service() {duration >= 0}", trace(services=(service(response_time=None),)), False),
        ("service() {duration = 0.5}", trace(services=(service(),)), True),
        ("edge() {duration = 0.25}", trace(edges=(edge(),)), True),
        # What no root is known of is neither ok nor one of the others.
        ("ok", trace(entry_point=None), False),
        ("ok = false", trace(entry_point=None), True),
        ("error OR throttle OR fault", trace(entry_point=None), False),
        # Numbers are compared as floats.
        ("http.status = 9007199254740992", trace(http_status=2**53 + 1), True),
        ("http.status > 9007199254740992", trace(http_status=2**53 + 1), False),
        # The client has the root's name, and is meant by its type alone.
        ('edge("a", "a")', _CALLED_BY_CLIENT, False),
        ('edge(id(name: "a", type: "client"), "a")', _CALLED_BY_CLIENT, True),
        ('edge(id(type: "client"), id(name: "a")) {ok}', _CALLED_BY_CLIENT, True),
        ("edge()", _CALLED_BY_CLIENT, True),
        ('edge("a", "a")', trace(edges=(edge("a", "a"),)), True),
        ('service(id(type: "client"))', _CALLED_BY_CLIENT, True),
        ('service(id(name: "a", type: "client"))', _CALLED_BY_CLIENT, True),
        ('service(id(name: "b", type: "client"))', _CALLED_BY_CLIENT, False),
        ('service(id(type: "client"))', trace(services=(service(),), edges=(edge(),)), False),
        ('service(id(type: "client")) {ok}', _CALLED_BY_CLIENT, False),
        # Several values: one is enough.
        ('user = "u" AND user = "v"', _TWO_USERS, True),
        ('user != "u"', _TWO_USERS, True),
        ('!(user = "u")', _TWO_USERS, False),
        ('name = "b"', _TWO_USERS, True),
        ('type != "t"', _TWO_USERS, False),
        ("inferred", trace(services=(service(), service(inferred=True))), True),
        ("inferred = false", trace(services=(service(), service(inferred=True))), False),
        ("inferred = false", trace(), True),
        # A body is about one element at a time.
        ('service("a") {user = "u"} AND service("b") {user = "v"}', _TWO_USERS, True),
        ('service() {name = "a" AND user = "v"}', _TWO_USERS, False),
        (
            "service() {fault} AND service() {error}",
            trace(services=(service(fault=True), service(error=True))),
            True,
        ),
        ("service() {fault AND error}", trace(services=(service(fault=True), service(error=True))), False),
        ("service() {!fault}", trace(services=(service(fault=True), service())), True),
        ("!service() {fault}", trace(services=(service(fault=True), service())), False),
        ("service()", trace(), False),
        ("edge()", trace(edges=(edge(),)), True),
        ("edge() {responsetime < 0.3 AND partial}", trace(edges=(edge(in_progress=True),)), True),
        ('service() {account.id = "1"}', trace(services=(service(account_id="1"),)), True),
        # Annotations: of the trace, of one service, of one call.
        ("annotation.k = true", trace(annotations=(annotation("k", True),)), True),
        ("annotation.k = false", trace(annotations=(annotation("k", True),)), False),
        ("annotation.k != true", trace(annotations=(annotation("k", "x"),)), False),
        ("annotation.k != 1", trace(annotations=(annotation("k", "x"),)), False),
        ("annotation.k", trace(annotations=(annotation("k", 0),)), True),
        ("service() {annotation.k}", trace(annotations=(annotation("k", 1),), services=(service(),)), False),
        ("service() {annotation.k}", trace(services=(service(annotations=(annotation("k", 1),)),)), True),
        ("edge() {annotation.k = 1}", trace(edges=(edge(annotations=(annotation("k", 1),)),)), True),
        # Root causes: places count over the whole path.
        ('rootcause.error.service {first AND name = "a" AND account.id = "1"}', _ERROR_CAUSE, True),
        ('rootcause.error.service {last AND type = "t" AND inferred}', _ERROR_CAUSE, True),
        ("rootcause.error.service {index = 1 AND last}", _ERROR_CAUSE, True),
        ("rootcause.error.service {index > 1}", _ERROR_CAUSE, False),
        ("rootcause.fault.service {first}", _ERROR_CAUSE, False),
        ('rootcause.error.entity {index = 1 AND remote AND name = "call"}', _ERROR_CAUSE, True),
        ('rootcause.error.entity {last AND name = "b" AND coverage = 0.5}', _ERROR_CAUSE, True),
        ('rootcause.error.entity {index = 0 AND name = "b"}', _ERROR_CAUSE, False),
        ('rootcause.error.exception {first AND name = "First" AND message = "one"}', _ERROR_CAUSE, True),
        ('rootcause.error.exception {last AND name = "Last" AND !message}', _ERROR_CAUSE, True),
        ("rootcause.error.exception {remote}", _ERROR_CAUSE, False),
    ],
)
def test_evaluation(table: Table, text: str, facts: TraceFacts, expected: bool) -> None:
    """The language as docs/filters.md tells it, evaluated and as SQL."""
    assert evaluate(parse(text), facts) is expected
    table.fill([facts])
    assert table.answers(to_sql(parse(text))) == [expected]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{}", True),
        ('{"ClientImpacting": false}', True),
        ('{"ClientImpacting": true}', False),
        ('{"Services": []}', False),
        ('{"Services": [{}]}', False),
        ('{"Services": [{}, {}]}', True),
        ('{"Services": [{"Name": "a"}, {"Type": "t", "Names": ["b"]}]}', True),
        ('{"Services": [{"Names": ["a", "b"]}, {}]}', False),
        ('{"Services": [{"Type": null}, {"AccountId": null}]}', True),
        ('{"Services": [{"AccountId": null}, {}]}', False),
        ('{"Services": [{"AccountId": "1"}, {"Inferred": true}]}', True),
        ('{"Services": [{"EntityPath": [{}, {"Name": "call", "Remote": true}]}, {}]}', True),
        ('{"Services": [{"EntityPath": [{}]}, {}]}', False),
        (
            '{"Services": [{}, {"EntityPath": [{"Coverage": 0.5, "Exceptions": [{}, {"Message": null}]}]}]}',
            True,
        ),
        ('{"Services": [{}, {"EntityPath": [{"Exceptions": [{"Name": "Last"}, {}]}]}]}', False),
    ],
)
def test_patterns_of_root_causes(pattern: str, expected: bool) -> None:
    """Lists have the same length, given members are equal, others count for nothing; != is the opposite."""
    assert evaluate(parse(f"rootcause.json = #[{pattern}]"), _ERROR_CAUSE) is expected
    assert evaluate(parse(f"rootcause.json != #[{pattern}]"), _ERROR_CAUSE) is not expected


def test_every_pattern_has_to_be_found() -> None:
    """Of several root causes in the array each one; a trace without root causes has neither = nor !=."""
    one, other = '{"Services": [{"Name": "a"}]}', '{"Services": [{"Name": "b"}]}'
    facts = trace(fault_causes=(cause(cause_service("a")),), error_causes=(cause(cause_service("b")),))
    half = trace(fault_causes=(cause(cause_service("a")),))
    tree = parse(f"rootcause.json = #[{one}, {other}]")
    assert [evaluate(tree, each) for each in (facts, half, trace())] == [True, False, False]
    tree = parse(f"rootcause.json != #[{one}, {other}]")
    assert [evaluate(tree, each) for each in (facts, half, trace())] == [False, True, False]
