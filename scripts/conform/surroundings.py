"""What a case has to work with: both services, names of its own, patience, and brooms."""

from __future__ import annotations

import json
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from scripts.conform import honeycomb_removal, xray_removal
from scripts.conform.allowed import Owned
from scripts.conform.brooms import Brooms
from scripts.conform.case import LateError
from scripts.conform.limits import RUN_MAX_SECONDS, CappedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scripts.conform.honeycomb_calls import HoneycombCalls
    from scripts.conform.limits import Budget
    from scripts.conform.recording import Recording
    from scripts.conform.xray_calls import XRayCalls

PATIENCE_SECONDS = 90.0
LOCAL_PATIENCE_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.1
PAUSE_MAX_SECONDS = 5.0
NAME_CHARACTERS = 32
T = TypeVar("T")


class Surroundings:
    """One run's surroundings. `run_id` is in the name of everything that it makes."""

    def __init__(
        self,
        xray: XRayCalls,
        honeycomb: HoneycombCalls | None,
        budget: Budget,
        patience_seconds: float = LOCAL_PATIENCE_SECONDS,
    ) -> None:
        self.run_id = secrets.token_hex(4)
        self.owned = Owned(self.run_id)
        self.xray = xray
        self.recording: Recording | None = None
        self.case_brooms = Brooms()
        self.run_brooms = Brooms()
        self._honeycomb = honeycomb
        self._budget = budget
        self._patience = patience_seconds
        self._deadline = time.monotonic() + RUN_MAX_SECONDS
        self._datasets: set[str] = set()
        self._sends = False

    @property
    def honeycomb(self) -> HoneycombCalls:
        """Honeycomb's API; the runner passes over its cases where there is no key."""
        if self._honeycomb is None:
            raise AssertionError("a case of Honeycomb's runs without a key")
        return self._honeycomb

    def name(self, what: str = "") -> str:
        """Return a name that only this run has: `conform-<run>` and *what*.

        Raises ValueError where it is longer than X-Ray takes.
        """
        name = f"conform-{self.run_id}{'-' if what else ''}{what}"
        if len(name) > NAME_CHARACTERS:
            raise ValueError(f"{name} has more than {NAME_CHARACTERS} characters")
        return name

    def long_name(self, characters: int) -> str:
        """Return a name of the run's own that is as long as *characters*."""
        return f"{self.name()}-".ljust(characters, "x")

    def observe(self, what: str, value: Any) -> None:
        """Keep in the recording what the case's claim says nothing of."""
        if self.recording is not None:
            self.recording.observe(what, value)

    def in_time(self) -> None:
        """Raise CappedError where the run has taken as long as it may."""
        if time.monotonic() > self._deadline:
            raise CappedError(f"the run has taken the {RUN_MAX_SECONDS / 60:.0f} minutes that it states")

    def remove_group(self, name: str) -> None:
        """Have the group *name* removed when the case has ended, whether it was made or not."""
        self.case_brooms.add(f"group {name}", partial(xray_removal.group, self.xray, name))

    def remove_rule(self, name: str) -> None:
        """Have the sampling rule *name* removed when the case has ended, whether it was made or not."""
        self.case_brooms.add(f"rule {name}", partial(xray_removal.rule, self.xray, name))

    def remove_board(self, name: str) -> None:
        """Have the boards called *name* removed when the case has ended."""
        self.case_brooms.add(f"board {name}", partial(honeycomb_removal.boards, self.honeycomb, name))

    def remove_marker(self, message: str) -> None:
        """Have the markers that say *message* removed when the case has ended."""
        self.case_brooms.add(f"marker {message}", partial(honeycomb_removal.markers, self.honeycomb, message))

    def remove_datasets(self) -> None:
        """Have the run's data sets removed when the run has ended: to be called before anything is sent."""
        if not self._sends:
            self._sends = True
            self.run_brooms.add(f"data sets conform-{self.run_id}*", self._remove_datasets)

    def expect_dataset(self, name: str) -> None:
        """Note that Honeycomb took an event for the data set *name*, which it may show late."""
        self._datasets.add(name)

    def _remove_datasets(self) -> None:
        honeycomb_removal.datasets(self.honeycomb, self.run_id, self._datasets, self._shown)

    def _shown(self, attempt: Callable[[], bool | None]) -> bool:
        try:
            return self.eventually("what Honeycomb lists", attempt)
        except LateError:
            return False

    def eventually(self, what: str, attempt: Callable[[], T | None]) -> T:
        """Return what *attempt* returns as soon as it is not None.

        Raises LateError where it still is when the patience ends: both services show new data late.
        """
        deadline = time.monotonic() + self._patience
        pause = FIRST_PAUSE_SECONDS
        while True:
            found = attempt()
            if found is not None:
                return found
            if time.monotonic() + pause > deadline:
                raise LateError(what, f"within {self._patience:.0f} s", "not there")
            time.sleep(pause)
            pause = min(PAUSE_MAX_SECONDS, pause * 2)

    def trace_id(self) -> str:
        """Return a new trace id as X-Ray writes it."""
        trace_id = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        self.owned.texts.add(trace_id)
        return trace_id

    def segment(self, name: str, **more: Any) -> dict[str, Any]:
        """Return a segment document of half a second that has just ended, with *more* over it."""
        now = time.time()
        return {
            "name": name,
            "id": secrets.token_hex(8),
            "trace_id": self.trace_id(),
            "start_time": now - 0.5,
            "end_time": now,
            **more,
        }

    def put(self, *documents: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Send documents; return those that X-Ray did not take."""
        self._budget.record(len({document["trace_id"] for document in documents if "trace_id" in document}))
        texts = [json.dumps(document) for document in documents]
        answer = self.xray("PutTraceSegments", TraceSegmentDocuments=texts)
        refused: list[dict[str, Any]] = answer["UnprocessedTraceSegments"]
        return refused

    def stored(self, trace_id: str, segments: int = 1) -> list[dict[str, Any]]:
        """Return the trace's segment documents as soon as there are as many as *segments*."""

        def attempt() -> list[dict[str, Any]] | None:
            traces = self.xray("BatchGetTraces", TraceIds=[trace_id])["Traces"]
            found = [json.loads(one["Document"]) for trace in traces for one in trace["Segments"]]
            return found if len(found) >= segments else None

        return self.eventually(f"trace {trace_id}", attempt)

    def summary(self, trace_id: str, filter_expression: str = "") -> dict[str, Any]:
        """Return the trace's summary as soon as it is among those that *filter_expression* matches."""

        def attempt() -> dict[str, Any] | None:
            found = [one for one in self.beside(trace_id, filter_expression) if one["Id"] == trace_id]
            return found[0] if found else None

        return self.eventually(f"summary of {trace_id} by {filter_expression or 'no filter'}", attempt)

    def beside(self, trace_id: str, filter_expression: str = "") -> list[dict[str, Any]]:
        """Return the summaries of the second in which the trace began: an account's others cost as well."""
        second = int(trace_id[2:10], 16)
        return self.summaries(second, second + 1, filter_expression)

    def summaries(self, start: float, end: float, filter_expression: str = "") -> list[dict[str, Any]]:
        """Return the summaries from *start* up to *end*, every page."""
        request: dict[str, Any] = {"StartTime": start, "EndTime": end}
        if filter_expression:
            request["FilterExpression"] = filter_expression
        found: list[dict[str, Any]] = []
        while True:
            page = self.xray("GetTraceSummaries", **request)
            found += page["TraceSummaries"]
            if not page.get("NextToken"):
                return found
            request["NextToken"] = page["NextToken"]
