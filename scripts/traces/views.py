"""What ``make traces`` shows: a list, one trace, the service graph; each as drawing or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.output import console
from scripts.plain import plain
from scripts.traces import graph, reading, trees
from scripts.traces.graph_drawing import Graph
from scripts.traces.json_form import to_json
from scripts.traces.listing import TraceLines, took
from scripts.traces.plain import cut, moment, number, unit
from scripts.traces.spans import Counts, failing, walk, window
from scripts.waterfall import draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

    from scripts.output import Output
    from scripts.traces.links import Links
    from scripts.traces.spans import Span
    from scripts.traces.times import Range

EXPRESSION_COLUMNS_MAX = 120
LONG_SPANS = 40
"""Of a trace with more spans than that the failing ones are told, since they may be out of sight."""


@dataclass(frozen=True)
class View:
    """What all views need: who is asked, where it is shown, and whether as JSON."""

    environment: str
    client: XRayClient
    output: Output
    links: Links
    json: bool

    def links_of(self, summary: TraceSummaryTypeDef) -> dict[str, str]:
        """Return where a listed trace can be looked at."""
        start = reading.started(summary)
        seconds = summary.get("Duration", 0.0)
        return self.links.of(summary["Id"], start, None if summary.get("IsPartial") else start + seconds)

    def document(self, summary: TraceSummaryTypeDef) -> dict[str, Any]:
        """Return a listed trace for JSON."""
        return {**summary, "links": self.links_of(summary)}

    def words(self, text: str) -> str:
        """Return what the operator gave, fit for a line of text."""
        return plain(text, ascii_only=console().options.ascii_only)

    def summary(self, text: str) -> None:
        """Print the last line."""
        self.output.summary(f"traces {self.environment}: {text}")


def show_list(view: View, asked: Range, expression: str, limit: int) -> None:
    """Show the newest *limit* traces of *asked* that *expression* takes."""
    with view.output.step("X-Ray is asked for traces"):
        found = reading.newest(view.client, asked, filter_expression=expression, limit=limit)
    whole = found.looked_from <= asked.begin
    if view.json:
        document: dict[str, Any] = {"traces": [view.document(summary) for summary in found.traces]}
        if found.more:
            document["more"] = {"traces": found.more, "looked_from": found.looked_from}
        view.output.document(to_json(document))
    elif found.traces:
        longest = max((took(summary) or 0.0 for summary in found.traces), default=0.0)
        dated = asked.begin.date() != asked.end.date()
        view.output.show(TraceLines(found.traces, longest, view.links_of, dated=dated))
        if view.links.console:
            view.output.say(f"X-Ray console: {view.links.console_pattern()}", style="dim")
    count = f"the newest {len(found.traces)} of " if found.more else ""
    since = "" if whole else f" since {found.looked_from:%H:%M:%S}, older ones not looked at,"
    that = f" that match {cut(view.words(expression), EXPRESSION_COLUMNS_MAX)}" if expression else ""
    remedy = "; LIMIT shows more, UNTIL older ones" if found.more else ""
    view.summary(f"{count}{len(found.traces) + found.more} traces{since} in {asked}{that}{remedy}")


def show_graph(view: View, asked: Range, group: str) -> None:
    """Show the services of *asked* and their calls."""
    with view.output.step("X-Ray is asked for its service graph"):
        found = reading.service_graph(view.client, asked, group=group)
    services = graph.read(found.services)
    if view.json:
        view.output.document(
            to_json(
                {
                    "services": found.services,
                    "start": asked.begin,
                    "end": asked.end,
                    "contains_old_group_versions": found.old_versions,
                }
            )
        )
    elif services:
        view.output.show(Graph(services))
    if found.old_versions:
        view.output.say("the group's filter changed within this time: older traces are as it was then")
    of_group = f" of group {view.words(group)}" if group else ""
    count = sum(service.type != graph.CLIENT for service in services.values())
    view.summary(f"{count} services{of_group} in {asked}")


def show_trace(view: View, trace_id: str, *, jump: bool, after: str) -> None:
    """Show one trace; with *jump* its first failing span, or the first behind the span with id *after*."""
    with view.output.step("X-Ray is asked for the trace"):
        fetched = reading.fetch(view.client, trace_id)
    roots = trees.from_documents(fetched.documents)
    failures = failing(roots)
    place = _place(roots, failures, trace_id, after) if jump else None
    focus = failures[place] if place is not None and place < len(failures) else None
    begin, end = window(roots)
    spans = [span for _, span in walk(roots)]
    running = any(span.end is None for span in spans)
    links = view.links.of(trace_id, begin, None if running else end)
    if view.json:
        document: dict[str, Any] = {
            "trace_id": trace_id,
            "segments": fetched.documents,
            "failing": [span.id for span in failures],
            "limit_exceeded": fetched.cut_off,
            "links": links,
        }
        if jump:
            document["next"] = None if focus is None else focus.id
        view.output.document(to_json(document))
    else:
        view.output.say(f"{trace_id} began {moment(begin)} UTC")
        view.output.show(draw(roots, details=True, focus=focus))
        for kind, address in links.items():
            view.output.say(f"{_LINK_NAMES[kind]}: {address}")
    if fetched.cut_off:
        view.output.say("X-Ray has left segments out: the trace is larger than it keeps", style="yellow")
    if jump or (failures and len(spans) > LONG_SPANS):
        view.output.say(_where(view, trace_id, failures, place))
    name, per_second = unit(end - begin)
    counts = Counts.of(roots)
    inferred = f"{counts.inferred} inferred beside " if counts.inferred else ""
    fails = f", {counts.failing} failing" if failures else ""
    took_ = f"{number((end - begin) * per_second)} {name}"
    view.summary(f"{trace_id}, {inferred}{counts.sent} spans{fails}, {took_}")


_LINK_NAMES: Mapping[str, str] = {
    "xray_console": "X-Ray console",
    "honeycomb": "Honeycomb",
    "local_honeycomb_events": "its events in the local Honeycomb, as JSON",
}


def _place(roots: Sequence[Span], failures: Sequence[Span], trace_id: str, after: str) -> int:
    """Return the place in *failures* of the first one behind span *after*; of the first of all without it.

    Raises OperatorError where the trace has no such span.
    """
    if not after:
        return 0
    passed = False
    order = {id(span): place for place, span in enumerate(failures)}
    for _, span in walk(roots):
        if passed and id(span) in order:
            return order[id(span)]
        passed = passed or span.id == after.strip().lower()
    if not passed:
        raise OperatorError(
            f"AFTER: trace {trace_id} has no span {after[:60]!r}",
            remedy="leave AFTER out to begin with the first failing span",
        )
    return len(failures)


def _where(view: View, trace_id: str, failures: Sequence[Span], place: int | None) -> str:
    """Return which of the failing spans is shown, and how to come to the next one."""
    count = f"{len(failures)} failing spans" if len(failures) != 1 else "1 failing span"
    environment = "" if view.environment == "local" else f" ENV={view.environment}"
    command = f"make traces{environment} TRACE={trace_id} NEXT=error"
    if place is None:
        return f"{count}; the first: {command}"
    if place >= len(failures):
        return "no span of this trace fails" if not failures else f"{count}, none behind that one"
    shown = f"failing span {place + 1} of {len(failures)}: {failures[place].id}"
    if place + 1 == len(failures):
        return f"{shown}, the last"
    return f"{shown}; the next: {command} AFTER={failures[place].id}"
