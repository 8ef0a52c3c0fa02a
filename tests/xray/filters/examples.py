"""The expressions of the reference: 40 valid, each with a trace it finds and one not, and 20 invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.xray.filters.made import (
    annotation,
    cause,
    cause_entity,
    cause_service,
    edge,
    service,
    trace,
)
from xray.filters import GroupVersion, parse
from xray.traces.facts import CauseException

if TYPE_CHECKING:
    from xray.traces.facts import TraceFacts

GROUPS = {"g": [GroupVersion(0.0, None, parse("responsetime > 3"))]}
RECEIVED_AT = 100.0


class Valid(NamedTuple):
    """An expression, its normalised form where that differs, a trace that it finds, one that it doesn't."""

    text: str
    found: TraceFacts
    not_found: TraceFacts
    normal: str | None = None


class Invalid(NamedTuple):
    """An expression, the position of what is wrong, and the words that its message has to contain."""

    text: str
    position: int
    words: str


_PLAIN = trace(services=(service("a", root=True),))
_FAULT = trace(fault=True, services=(service("a", root=True, fault=True),))
_HANDLED = trace(services=(service("a", root=True), service("b", fault=True)))
_EXCEPTION = CauseException("ValueError", "x")
_FAULT_CAUSE = trace(fault_causes=(cause(cause_service("A", cause_entity("A", _EXCEPTION))),))
_OTHER_CAUSE = trace(fault_causes=(cause(cause_service("B", cause_entity("A"))),))
_SLOW_CAUSE = cause(
    cause_service("A", cause_entity("A", coverage=1.0), cause_entity("B", coverage=0.9)),
)
_SLOW_BEFORE_LAST = cause(
    cause_service("A", cause_entity("A", coverage=0.9)), cause_service("B", cause_entity("B", coverage=0.5))
)

VALID = (
    Valid("responsetime > 5", trace(response_time=5.1), trace(response_time=5.0)),
    Valid("duration >= 5 AND duration <= 8", trace(duration=8.0), trace(duration=8.1)),
    Valid("ok", _PLAIN, _FAULT),
    Valid("!ok", _FAULT, _HANDLED),
    Valid("ok = false", trace(error=True), _PLAIN),
    Valid("fault = true", _FAULT, trace(error=True)),
    Valid("error OR fault OR throttle", trace(throttle=True, error=True), _HANDLED),
    Valid("partial", trace(partial=True), _PLAIN),
    Valid("http.status != 200", trace(http_status=201), trace(http_status=200)),
    Valid("http.status = 503", trace(http_status=503), trace()),
    Valid("ok !partial duration <3", trace(), trace(duration=3.0), "ok AND !partial AND duration < 3"),
    Valid('http.url CONTAINS "/api/"', trace(http_url="http://h/api/x"), trace(http_url="http://h/API/x")),
    Valid('user CONTAINS ""', trace(services=(service(), service(user="u"))), _PLAIN),
    Valid(
        'user = "al"',
        trace(services=(service(user="b"), service(user="al"))),
        trace(services=(service(user="AL"),)),
    ),
    Valid(
        "http.url AND responseTime > 2",
        trace(http_url="http://h/", response_time=3.0),
        trace(response_time=3.0),
        "http.url AND responsetime > 2",
    ),
    Valid('http.method = "POST"', trace(http_method="POST"), trace(http_method="GET")),
    Valid('http.useragent BEGINSWITH "M"', trace(http_user_agent="Mozilla"), trace(http_user_agent="curl M")),
    Valid('http.clientip = "10.0.0.1"', trace(http_client_ip="10.0.0.1"), trace(http_client_ip="10.0.0.10")),
    Valid(
        'http.url ENDSWITH ".html"', trace(http_url="http://h/a.html"), trace(http_url="http://h/a.html?b")
    ),
    Valid("(fault OR error) AND duration > 1", trace(error=True, duration=2.0), trace(duration=2.0)),
    Valid('service("a")', _PLAIN, trace(services=(service("A"),))),
    Valid('service("a") {fault}', _FAULT, _HANDLED),
    Valid("service() {fault}", _HANDLED, trace(fault=True, services=(service("a"),))),
    Valid('!service("a")', trace(services=(service("b"),)), _PLAIN),
    Valid(
        'service("a") {root = true and fault = true}',
        _FAULT,
        trace(services=(service("a", root=True), service("a", fault=True))),
        'service("a") {root = true AND fault = true}',
    ),
    Valid(
        'service(id(name:"a",type:"t")) {error}',
        trace(services=(service("a", type="t", error=True),)),
        trace(services=(service("a", type="t"), service("a", error=True))),
        'service(id(name: "a", type: "t")) {error}',
    ),
    Valid(
        'service(id(type:"t"))',
        trace(services=(service("b", type="t"),)),
        _PLAIN,
        'service(id(type: "t"))',
    ),
    Valid(
        'service(id(account.id:"1"))',
        trace(services=(service(account_id="1"),)),
        trace(services=(service(account_id="2"),)),
        'service(id(account.id: "1"))',
    ),
    Valid(
        'edge("a","b") {error}',
        trace(edges=(edge("a", "b", error=True),)),
        trace(edges=(edge("a", "b"), edge("b", "a", error=True))),
        'edge("a", "b") {error}',
    ),
    Valid(
        'edge(id(name:"a"),id(name:"b"))',
        trace(edges=(edge("a", "b"),)),
        trace(edges=(edge("b", "a"),)),
        'edge("a", "b")',
    ),
    Valid(
        'annotation.k = "v"',
        trace(annotations=(annotation("k", "u"), annotation("k", "v"))),
        trace(annotations=(annotation("K", "v"),)),
    ),
    Valid(
        "annotation.k",
        trace(annotations=(annotation("k", ""),)),
        trace(annotations=(annotation("k", False),)),
    ),
    Valid(
        "!annotation.k", trace(annotations=(annotation("l", 1),)), trace(annotations=(annotation("k", 0),))
    ),
    Valid(
        "annotation.k > 29",
        trace(annotations=(annotation("k", 30),)),
        trace(annotations=(annotation("k", "30"), annotation("k", 29))),
    ),
    Valid(
        'annotation[a.b] = "9"',
        trace(annotations=(annotation("a.b", "9"),)),
        trace(annotations=(annotation("a.b", 9),)),
    ),
    Valid(
        'group.name = "g" AND user = "al"',
        trace(response_time=4.0, services=(service(user="al"),)),
        trace(response_time=2.0, services=(service(user="al"),)),
    ),
    Valid('rootcause.fault.service {name = "A"}', _FAULT_CAUSE, _OTHER_CAUSE),
    Valid(
        "rootcause.responsetime.entity {last and coverage > 0.8}",
        trace(response_time_causes=(_SLOW_CAUSE,)),
        trace(response_time_causes=(_SLOW_BEFORE_LAST,)),
        "rootcause.responsetime.entity {last AND coverage > 0.8}",
    ),
    Valid('rootcause.fault.exception {message = "x"}', _FAULT_CAUSE, _OTHER_CAUSE),
    Valid(
        'rootcause.json = #[{"Services":[{"Name":"A"}]}]',
        trace(error_causes=(cause(cause_service("A", inferred=True)),)),
        trace(error_causes=(cause(cause_service("A"), cause_service("B")),)),
        'rootcause.json = #[{"Services": [{"Name": "A"}]}]',
    ),
)

INVALID = (
    Invalid("duration <", 11, "the expression ends, expected a number"),
    Invalid('duration > "5"', 12, "found '\"5\"', expected a number"),
    Invalid("user = alice", 8, "found 'alice', expected a text in double quotes"),
    Invalid("ok > 1", 4, "found '>', expected a condition, the end, =, !="),
    Invalid('http.status CONTAINS "5"', 13, "found 'CONTAINS', expected a condition, the end, =, !=, <"),
    Invalid('service("a" {fault}', 13, "found '{', expected )"),
    Invalid('service("a") {fault', 20, "the expression ends, expected"),
    Invalid('edge("a")', 9, "found ')', expected ,"),
    Invalid("AND fault", 1, "found 'AND', expected a condition"),
    Invalid("fault OR", 9, "the expression ends, expected a condition"),
    Invalid("foo = 1", 1, "there is no keyword 'foo'"),
    Invalid('http.url > "a"', 10, "found '>', expected a condition, the end, =, !=, CONTAINS"),
    Invalid("responsetime = true", 16, "found 'true', expected a number"),
    Invalid('service("a") {service("b")}', 15, "'service' stands outside of {...} only"),
    Invalid("annotation.", 1, "expected annotation.<key> or annotation[<key>]"),
    Invalid("annotation[] = 1", 1, "expected annotation.<key> or annotation[<key>]"),
    Invalid('rootcause.json = "x"', 18, "expected #"),
    Invalid("group.name", 11, "the expression ends, expected = or !="),
    Invalid('"fault"', 1, "found '\"fault\"', expected a condition"),
    Invalid("service(id())", 12, "found ')', expected name, type or account.id"),
)
