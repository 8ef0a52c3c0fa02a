"""Trace lists: a line each where there is room, else two, of which the second has the id, never cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.style import Style
from rich.text import Text

from scripts.plain import one_line, plain
from scripts.traces.plain import NUMBER_COLUMNS, cut, fit, glyphs, moment, number
from scripts.traces.reading import started
from scripts.waterfall import STATUS_COLUMNS, STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef
    from rich.console import Console, ConsoleOptions, RenderResult

    from scripts.traces.plain import Glyphs

ONE_LINE_FROM_COLUMNS = 118
_BAR_COLUMNS = 10
_TRACE_ID_COLUMNS = 35
_TIMES = {False: "%H:%M:%S", True: "%m-%d %H:%M:%S"}
_TIME_COLUMNS = {False: 8, True: 14}
_ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*")
_LINK_WORDS = {"xray_console": "X-Ray", "honeycomb": "Honeycomb"}


def status_of(summary: TraceSummaryTypeDef) -> str:
    """Return a trace's worst status: ``fault``, ``throttle``, ``error``, ``in progress`` or ``ok``."""
    if summary.get("HasFault"):
        return "fault"
    if summary.get("HasThrottle"):
        return "throttle"
    if summary.get("HasError"):
        return "error"
    return "in progress" if summary.get("IsPartial") else "ok"


def took(summary: TraceSummaryTypeDef) -> float | None:
    """Return how long the trace's root took to answer, in seconds, else how long all of it took."""
    found = summary.get("ResponseTime", summary.get("Duration"))
    return None if found is None else float(found)


def route(summary: TraceSummaryTypeDef) -> str:
    """Return what was asked for: method and path; without them the name of the entry point."""
    http = summary.get("Http", {})
    words = [http.get("HttpMethod", ""), _ORIGIN.sub("", http.get("HttpURL", ""), count=1)]
    return " ".join(word for word in words if word) or entry(summary)


def entry(summary: TraceSummaryTypeDef) -> str:
    """Return the name of the service where the trace began; empty where X-Ray does not say."""
    services = [summary.get("EntryPoint", {}), *summary.get("ServiceIds", [])]
    return next((str(one["Name"]) for one in services if one.get("Name")), "")


@dataclass(frozen=True)
class TraceLines:
    """Traces as something to print. *longest* is the duration, in seconds, of a whole bar.

    *links* gives a trace's addresses by kind: on a terminal that shows links, words lead there.
    """

    summaries: Sequence[TraceSummaryTypeDef]
    longest: float
    links: Callable[[TraceSummaryTypeDef], Mapping[str, str]]
    head: bool = True
    dated: bool = False

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Tell rich how wide it is."""
        return Measurement(min(_TRACE_ID_COLUMNS, options.max_width), options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        marks, columns = glyphs(options), options.max_width
        shows_links = console.is_terminal and console.color_system is not None
        if self.head:
            yield _line(self._head(columns), columns)
        for summary in self.summaries:
            links = self.links(summary) if shows_links else {}
            for text in self._lines(summary, links, columns, marks):
                yield _line(text, columns)

    def _head(self, columns: int) -> Text:
        words = (
            f"{'began':<{_TIME_COLUMNS[self.dated]}}  {'status':<{STATUS_COLUMNS}} {'ms':>{NUMBER_COLUMNS}}"
        )
        words += " " * (_BAR_COLUMNS + 4)
        if columns >= ONE_LINE_FROM_COLUMNS:
            words += f"{'trace':<{_TRACE_ID_COLUMNS}}  request"
        else:
            words += "request, trace below"
        return Text(words, style="bold")

    def _lines(
        self, summary: TraceSummaryTypeDef, links: Mapping[str, str], columns: int, marks: Glyphs
    ) -> Iterator[Text]:
        status = status_of(summary)
        style = STYLES[status]
        code = summary.get("Http", {}).get("HttpStatus")
        words = f"{status} {code}" if code is not None else status
        seconds = took(summary)
        text = Text(moment(started(summary), _TIMES[self.dated]).ljust(_TIME_COLUMNS[self.dated]) + "  ")
        text.append(fit(plain(words), STATUS_COLUMNS, marks), style=style)
        text.append(" " + ("" if seconds is None else number(seconds * 1000)).rjust(NUMBER_COLUMNS))
        text.append("  " + self._bar(seconds, summary, marks) + "  ", style=style)
        identity = Text(plain(summary["Id"]), style=_linked(links.get("xray_console")))
        asked = one_line(route(summary), ascii_only=marks.ascii_only)
        if columns >= ONE_LINE_FROM_COLUMNS:
            text.append_text(identity)
            text.append("  ")
            yield text.append(cut(asked, columns - text.cell_len, marks))
            return
        yield text.append(cut(asked, columns - text.cell_len, marks))
        below = Text(" " * min(10, max(0, columns - _TRACE_ID_COLUMNS))).append_text(identity)
        for kind, word in _LINK_WORDS.items():
            if kind in links:
                below.append("  ").append(word, style=_linked(links[kind]))
        if asked != (name := one_line(entry(summary), ascii_only=marks.ascii_only)) and name:
            below.append("  ").append(cut(name, columns - below.cell_len, marks), style="dim")
        yield below

    def _bar(self, seconds: float | None, summary: TraceSummaryTypeDef, marks: Glyphs) -> str:
        if seconds is None or self.longest <= 0:
            return " " * _BAR_COLUMNS
        length = round(min(1.0, max(0.0, seconds / self.longest)) * _BAR_COLUMNS)
        glyph = marks.running if summary.get("IsPartial") else marks.bar
        return (glyph * max(1, length)).ljust(_BAR_COLUMNS)


def _linked(address: str | None) -> Style:
    return Style(link=address) if address else Style()


def _line(text: Text, columns: int) -> Text:
    text.no_wrap, text.overflow = True, "ignore"
    # an id is whole even where it is longer than the line: it is there to be copied
    text.truncate(max(columns, _TRACE_ID_COLUMNS))
    text.rstrip()
    return text
