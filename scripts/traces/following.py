"""``FOLLOW=1``: new traces on the screen, or as JSON lines, until Ctrl-C."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scripts import interrupts
from scripts.traces import reading
from scripts.traces.clock import ServiceClock
from scripts.traces.follow import Surroundings, Told, follow
from scripts.traces.json_form import to_json
from scripts.traces.listing import TraceLines, status_of, took
from scripts.traces.spans import FAILING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

    from scripts.traces.times import Range
    from scripts.traces.views import View


def show_following(view: View, asked: Range, expression: str, limit: int) -> None:
    """Show what *asked* has, the newest *limit* of it, then what comes, until an interrupt."""
    began = time.monotonic()
    told = Told()
    clock = ServiceClock()
    world = Surroundings(
        ask=lambda part: reading.pages(view.client, part, expression, updated=True, clock=clock),
        now=clock.now,
        pause=time.sleep,
        say=view.output.say,
    )
    screen = _Screen(view, dated=asked.begin.date() != asked.end.date())
    fails = 0
    try:
        for news in follow(world, told, asked.begin, limit):
            # what is begun is shown whole: an interrupt counts behind it
            with interrupts.put_off():
                fails += sum(summary_fails(summary) for summary in news)
                screen.show(news)
    except KeyboardInterrupt:
        interrupts.ignore()
    failed = f", {fails} failing" if fails else ""
    partial = f", {told.partial} still in progress" if told.partial else ""
    view.summary(f"followed for {time.monotonic() - began:.0f} s: {told.traces} traces{failed}{partial}")


def summary_fails(summary: TraceSummaryTypeDef) -> bool:
    """Tell whether a trace that is whole failed: one in progress will be told again."""
    return not summary.get("IsPartial") and status_of(summary) in FAILING


class _Screen:
    """Where traces are shown as they come; bars are measured by the longest one so far."""

    def __init__(self, view: View, *, dated: bool) -> None:
        self._view = view
        self._dated = dated
        self._longest = 0.0
        self._head = True

    def show(self, news: Sequence[TraceSummaryTypeDef]) -> None:
        """Show *news*, the oldest first."""
        if not news:
            return
        if self._view.json:
            for summary in news:
                self._view.output.document(to_json(self._view.document(summary), indent=None))
            return
        self._longest = max([self._longest, *(took(summary) or 0.0 for summary in news)])
        self._view.output.show(
            TraceLines(news, self._longest, self._view.links_of, head=self._head, dated=self._dated)
        )
        self._head = False
