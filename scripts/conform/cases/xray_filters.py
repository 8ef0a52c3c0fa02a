"""Filter expressions (source: devguide/xray-console-filters.html; what AWS does not say is inferred)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, expect, expect_in
from scripts.conform.xray_calls import REFUSED

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")

VALID = (
    "responsetime > 5",
    "duration >= 5 AND duration <= 8",
    "ok",
    "!ok",
    "ok = false",
    "fault = true",
    "error OR fault OR throttle",
    "partial",
    "http.status != 200",
    "http.status = 503",
    "ok !partial duration <3",
    'http.url CONTAINS "/api/"',
    'user CONTAINS ""',
    'user = "al"',
    "http.url AND responseTime > 2",
    'http.method = "POST"',
    'http.useragent BEGINSWITH "M"',
    'http.clientip = "10.0.0.1"',
    'http.url ENDSWITH ".html"',
    "(fault OR error) AND duration > 1",
    'service("a")',
    'service("a") {fault}',
    "service() {fault}",
    '!service("a")',
    'service("a") {root = true and fault = true}',
    'service(id(name:"a",type:"t")) {error}',
    'service(id(type:"t"))',
    'service(id(account.id:"1"))',
    'edge("a","b") {error}',
    'edge(id(name:"a"),id(name:"b"))',
    'annotation.k = "v"',
    "annotation.k",
    "!annotation.k",
    "annotation.k > 29",
    'annotation[a.b] = "9"',
    'rootcause.fault.service {name = "A"}',
    "rootcause.responsetime.entity {last and coverage > 0.8}",
    'rootcause.fault.exception {message = "x"}',
    'rootcause.json = #[{"Services":[{"Name":"A"}]}]',
)
INVALID = (
    "duration <",
    'duration > "5"',
    "user = alice",
    "ok > 1",
    'http.status CONTAINS "5"',
    'service("a" {fault}',
    'service("a") {fault',
    'edge("a")',
    "AND fault",
    "fault OR",
    "foo = 1",
    'http.url > "a"',
    "responsetime = true",
    'service("a") {service("b")}',
    "annotation.",
    "annotation[] = 1",
    'rootcause.json = "x"',
    "group.name",
    '"fault"',
    "service(id())",
)


def _window() -> dict[str, float]:
    """Return a second an hour ago: what can be read is asked of little."""
    end = time.time() - 3600
    return {"StartTime": end - 1, "EndTime": end}


def _taken(expression: str) -> Any:
    """Return a case that shows first that what can't be read is refused."""

    def run(on: Surroundings) -> None:
        _refused(f"{expression} AND")(on)
        on.xray("GetTraceSummaries", FilterExpression=expression, **_window())

    return run


def _refused(expression: str) -> Any:
    def run(on: Surroundings) -> None:
        refusal = on.xray.refused("GetTraceSummaries", FilterExpression=expression, **_window())
        expect("code", refusal.code, REFUSED)
        expect_in("message", "Error Location: line 1, position", refusal.message)

    return run


for _number, _expression in enumerate(VALID, 1):
    CASES.add(f"filter.valid.{_number:02}", f"`{_expression}` is a filter", _taken(_expression))
for _number, _expression in enumerate(INVALID, 1):
    CASES.add(f"filter.invalid.{_number:02}", f"`{_expression}` is none", _refused(_expression))


CASES.add(
    "filter.prefixes",
    "`source.` and `destination.` before a keyword are none",
    _refused('edge("a","b") {source.duration > 1}'),
    settles=["source./destination. prefixes"],
)


@CASES.case("filter.group", "`group.name` takes a group's filter into another", documented=True)
def _group(on: Surroundings) -> None:
    name = on.name("filter")
    on.remove_group(name)
    on.xray("CreateGroup", GroupName=name, FilterExpression=f'service("{on.name()}")')
    on.summary(_sent(on), f'group.name = "{name}" AND user = "conform-user"')


_MATCHING = {
    "and.by.neighbourhood": 'fault http.status = 503 annotation.place = "here"',
    "and.before.or": "fault OR ok AND throttle",
    "keywords.case": 'FAULT And Http.Method = "POST"',
    "service.body": 'service("{name}") {{fault AND http.status = 503}}',
    "edge.client": 'edge(id(type:"client"),id(name:"{name}")) {{fault}}',
    "annotation.number": "annotation.count >= 3",
    "user.any": 'user = "conform-user"',
    "responsetime.root": "responsetime > 0.4 AND responsetime < 0.6",
    "escape": r'annotation.quoted = "a\"b"',
}
# What does not find the trace, and the same with what finds it.
_NOT_MATCHING = {
    "value.case": ('http.method = "post"', 'http.method = "POST"'),
    "number.absent": ("annotation.nothing != 5", "annotation.count != 5"),
    "text.of.number": ('annotation.count = "3"', "annotation.count = 3"),
    "not.before.and": ("!fault AND ok", "!ok AND fault"),
    "escape": (r'annotation.quoted = "ab"', r'annotation.quoted = "a\"b"'),
}
_SETTLES = {
    "and.before.or": ["filter precedence"],
    "not.before.and": ["filter precedence"],
    "value.case": ["value case"],
    "escape": ["escapes"],
}


def _sent(on: Surroundings) -> str:
    http = {"request": {"method": "POST", "url": "https://conform.example/"}, "response": {"status": 503}}
    annotations = {"place": "here", "count": 3, "quoted": 'a"b'}
    document = on.segment(on.name(), http=http, fault=True, annotations=annotations, user="conform-user")
    on.put(document)
    trace_id: str = document["trace_id"]
    on.summary(trace_id)
    return trace_id


def _found(expression: str) -> Any:
    def run(on: Surroundings) -> None:
        on.summary(_sent(on), expression.format(name=on.name()))

    return run


def _not_found(wrong: str, right: str) -> Any:
    def run(on: Surroundings) -> None:
        trace_id = _sent(on)
        on.summary(trace_id, right)
        ids = [one["Id"] for one in on.beside(trace_id, wrong)]
        expect("the trace matches", trace_id in ids, False)

    return run


for _name, _expression in _MATCHING.items():
    _claim = f"`{_expression}` finds the trace"
    CASES.add(f"filter.match.{_name}", _claim, _found(_expression), settles=_SETTLES.get(_name, ()))
for _name, (_wrong, _right) in _NOT_MATCHING.items():
    _claim = f"`{_wrong}` does not find what `{_right}` finds"
    CASES.add(f"filter.pass.{_name}", _claim, _not_found(_wrong, _right), settles=_SETTLES.get(_name, ()))
