"""Expressions as Honeycomb's filters: what they say, what they leave out and why."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xray.filters.examples import VALID
from tests.xray.filters.generated_trees import Trees
from xray.filters import parse, to_honeycomb
from xray.filters.honeycomb import FILTERS_MAX

_STATUS = "http.response.status_code"
_ROOT = ("trace.parent_id", "does-not-exist", None)
_CLIENT = ("span.kind", "=", "client")
_SERVER = ("span.kind", "=", "server")
_OPS = {
    *("=", "!=", ">", ">=", "<", "<=", "starts-with", "does-not-start-with", "ends-with"),
    *("does-not-end-with", "contains", "does-not-contain", "exists", "does-not-exist", "in", "not-in"),
}


def _conditions(text: str) -> list[tuple[str, str, Any]]:
    return [(one["column"], one["op"], one.get("value")) for one in to_honeycomb(parse(text)).filters]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("responsetime > 0.5", [_ROOT, ("duration_ms", ">", 500)]),
        ("http.status = 200", [_ROOT, (_STATUS, "=", 200)]),
        ("http.status != 200", [_ROOT, (_STATUS, "!=", 200), (_STATUS, "exists", None)]),
        ("!http.status = 200", [_ROOT, (_STATUS, "!=", 200)]),
        ("fault", [_ROOT, (_STATUS, ">=", 500)]),
        ("ok", [_ROOT, (_STATUS, "<", 400)]),
        ("throttle = false", [_ROOT, (_STATUS, "!=", 429)]),
        ("error", [_ROOT, (_STATUS, "in", list(range(400, 500)))]),
        ("fault AND duration >= 1", [_ROOT, (_STATUS, ">=", 500), ("duration_ms", ">=", 1000)]),
        ("!(ok OR duration < 1)", [_ROOT, (_STATUS, ">=", 400), ("duration_ms", ">=", 1000)]),
        ("ok AND !partial", [_ROOT, (_STATUS, "<", 400)]),
        ('user = "al"', [("enduser.id", "=", "al")]),
        ('user CONTAINS ""', [("enduser.id", "exists", None)]),
        ('http.url CONTAINS "/api/"', [_ROOT, ("url.path", "contains", "/api/")]),
        ('http.method = "POST"', [_ROOT, ("http.request.method", "=", "POST")]),
        ("annotation[http.route]", [("http.route", "exists", None)]),
        ("service() {!annotation.k}", [_SERVER, ("k", "does-not-exist", None)]),
        ("annotation.k > 29", [("k", ">", 29)]),
        ("annotation.k = true", [("k", "=", True)]),
        ('edge() {!annotation.k BEGINSWITH "v"}', [_CLIENT, ("k", "does-not-start-with", "v")]),
        ('service("a")', [("service.name", "=", "a")]),
        ('service("a") {fault}', [("service.name", "=", "a"), _SERVER, (_STATUS, ">=", 500)]),
        (
            'service("a") {root AND !ok}',
            [("service.name", "=", "a"), _SERVER, _ROOT, (_STATUS, ">=", 400)],
        ),
        ('service(id(account.id: "1"))', [("cloud.account.id", "=", "1")]),
        (
            'edge("a", "b") {responsetime > 1}',
            [
                ("service.name", "=", "a"),
                ("server.address", "=", "b"),
                ("span.kind", "=", "client"),
                ("duration_ms", ">", 1000),
            ],
        ),
        (
            'edge() {http.url BEGINSWITH "http://b/"}',
            [("span.kind", "=", "client"), ("url.full", "starts-with", "http://b/")],
        ),
    ],
)
def test_what_has_a_counterpart(text: str, expected: list[tuple[str, str, Any]]) -> None:
    """All filters hold for one span, nothing is left out."""
    found = to_honeycomb(parse(text))
    assert _conditions(text) == expected
    assert (found.combination, found.missing) == ("AND", ())


@pytest.mark.parametrize(
    ("text", "part", "reason", "filters"),
    [
        ("ok AND partial", "partial", "no span is in progress", 2),
        ("inferred", "inferred", "has no span of its own", 0),
        ('type = "t" AND ok', 'type = "t"', "no type of X-Ray's", 2),
        ('!service("a")', '!service("a")', "no span of a trace is so", 0),
        ("!annotation.k", "!annotation.k", "no span of a trace is so", 0),
        ("fault AND !user", "!user", "no span of a trace is so", 2),
        ("fault OR !(annotation.k = 1)", "!annotation.k = 1", "no span of a trace is so", 1),
        ("!annotation.k = true", "!annotation.k = true", "no span of a trace is so", 0),
        ('ok AND !(type = "t")', '!type = "t"', "no type of X-Ray's", 2),
        ("responsetime > 1e306", "responsetime > 1e+306", "there it is no number", 0),
        ("service()", "service()", "every span is of some service", 0),
        ('fault AND service("a")', 'service("a")', "another span than a part before it", 2),
        ('service("a") AND service("b")', 'service("b")', "another span", 1),
        ("(fault OR error) AND duration > 1", "fault OR error", "AND and OR are mixed", 2),
        ("service() {fault OR error}", "service() {fault OR error}", "AND and OR are mixed", 0),
        ("service() {!root}", "service() {!root}", "spans have no root", 0),
        ('group.name = "g" AND user = "al"', 'group.name = "g"', "knows no groups", 1),
        ("!rootcause.fault.entity {last}", "!rootcause.fault.entity {last}", "knows no root causes", 0),
        ('http.url BEGINSWITH "http://h/"', 'http.url BEGINSWITH "http://h/"', "not the whole URL", 0),
        (
            'edge("a", id(name: "b", account.id: "1"))',
            'edge("a", id(name: "b", account.id: "1"))',
            "account",
            0,
        ),
        ("fault OR !partial", "!partial", "it holds for every span", 1),
        ('fault OR service("a") {ok}', 'service("a") {ok}', "filters joined by AND among others", 1),
    ],
)
def test_what_has_none_is_named_with_the_reason(text: str, part: str, reason: str, filters: int) -> None:
    """The part, as it is printed, why, and what follows for what is found; the rest is still translated."""
    found = to_honeycomb(parse(text))
    assert [remark.part for remark in found.missing] == [part]
    assert reason in found.missing[0].reason
    assert found.missing[0].reason.endswith(
        "more is found" if found.combination == "AND" else "less is found"
    )
    assert len(found.filters) == filters


def test_or_joins_single_filters() -> None:
    """A trace's keywords are then asked of any span, which is said."""
    found = to_honeycomb(parse("error OR fault OR throttle"))
    assert found.combination == "OR"
    assert [one["op"] for one in found.filters] == ["in", ">=", "="]
    assert any("any span of the trace" in remark.reason for remark in found.approximate)
    assert found.to_query()["filter_combination"] == "OR"


def test_what_is_only_nearly_the_same_is_said() -> None:
    """Each with its part."""
    remarks = to_honeycomb(parse("fault AND duration > 1")).approximate
    assert {remark.part for remark in remarks} == {"fault", "duration > 1"}


def _reasons(text: str) -> list[tuple[str, str]]:
    return [(remark.part, remark.reason) for remark in to_honeycomb(parse(text)).approximate]


@pytest.mark.parametrize("text", ["annotation.k = 1", 'user = "a"', 'name = "a"', "instance.id"])
def test_any_segment_is_one_span(text: str) -> None:
    """Alone, under OR, and joined by AND, where the span is that of the other parts; in a body it is one."""
    assert any("any segment of the trace, this at one span" in reason for _, reason in _reasons(text))
    remarks = _reasons(f"{text} OR annotation.other")
    assert [part for part, reason in remarks if "at one span" in reason] == [text, "annotation.other"]
    for other in ("fault", 'service("a")', "annotation.other"):
        remarks = _reasons(f"{text} AND {other}")
        assert any(part == text and "the other parts are about" in reason for part, reason in remarks)
    assert any("at one span" in reason for _, reason in _reasons(f"{text} AND partial"))
    assert not any("any segment" in reason for _, reason in _reasons(f'service("a") {{{text}}}'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("error", "a span without one doesn't match"),
        ("error = false", "a span without one matches"),
        ("throttle = false", "a span without one matches"),
        ("fault = false", "a span without one doesn't match"),
        ("!(http.status = 200)", None),
        ("!(http.status != 200)", "X-Ray also finds where there is no such value"),
        ("!(responsetime > 1)", "X-Ray also finds where there is no such value"),
        ("!http.url", None),
    ],
)
def test_what_is_said_of_absent_values_is_the_operators(text: str, said: str | None) -> None:
    """Honeycomb's negated operators hold where there is no value, the others don't."""
    about = [reason for _, reason in _reasons(text) if "without one" in reason or "no such value" in reason]
    assert about == [] if said is None else said in about[0]


def test_no_filters_are_no_members() -> None:
    """A query made of nothing has neither filters nor their combination."""
    assert to_honeycomb(parse("partial")).to_query() == {}


def test_honeycombs_bound_on_filters() -> None:
    """What goes beyond a hundred is named as missing."""
    found = to_honeycomb(parse(" ".join(f"annotation.k{number}" for number in range(FILTERS_MAX + 2))))
    assert len(found.filters) == FILTERS_MAX
    assert [remark.part for remark in found.missing] == ["annotation.k100", "annotation.k101"]


@given(st.integers(0, 2**64))
def test_any_tree_is_translated(seed: int) -> None:
    """Never an error; filters are Honeycomb's own, each once; every filterless part is accounted for."""
    found = to_honeycomb(Trees(Random(seed), groups=True).tree(3))
    assert found.combination in {"AND", "OR"}
    assert len(found.filters) <= FILTERS_MAX
    for one in found.filters:
        assert one["op"] in _OPS
        assert ("value" in one) == (not one["op"].endswith("exist") and not one["op"].endswith("exists"))
    assert len({repr(one) for one in found.filters}) == len(found.filters)


@pytest.mark.parametrize("text", [one.text for one in VALID])
def test_every_valid_expression_gives_filters_or_reasons(text: str) -> None:
    """Nothing goes without a word."""
    found = to_honeycomb(parse(text))
    assert found.filters or found.missing
