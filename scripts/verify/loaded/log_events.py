"""The workers of all hosts, from the `tracing.loaded` events that they write to the log group.

Source: CloudWatch Logs API reference, FilterLogEvents; filter pattern syntax, "Match terms".
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.verify.loaded.heard import Heard
from scripts.verify.loaded.worker import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mypy_boto3_logs import CloudWatchLogsClient

    from scripts.verify.loaded.worker import Worker

EVENT = "tracing.loaded"
PATTERN = f'"{EVENT}"'
DEFAULT_SECONDS = 70 * 60
"""Each worker tells again after an hour, and up to 6 minutes later: within these it is heard of, or gone."""
PAGES_MAX = 50
READING_MAX_SECONDS = 30.0


@dataclass(frozen=True)
class _Read:
    """Events that could be read, by CloudWatch's time, and why not all were."""

    events: list[tuple[int, Worker]]
    doubts: list[tuple[str, str]]


def hear(
    client: CloudWatchLogsClient,
    group: str,
    *,
    seconds: int,
    clock: Callable[[], float] = time.monotonic,
) -> Heard:
    """Return who told within the last *seconds* what it loaded, and has not ended since.

    Reads PAGES_MAX pages for READING_MAX_SECONDS at most; what is left then is a doubt. Raises what boto3
    raises.
    """
    doubts: list[tuple[str, str]] = []
    lines = _lines(client, group, seconds, doubts, clock)
    found = _read(lines)
    return Heard(f"log group {group}", alive(found.events), doubts=[*found.doubts, *doubts])


def alive(events: Iterable[tuple[int, Worker]]) -> list[Worker]:
    """Return the workers whose last event, by time and their own count, doesn't say that they end.

    A worker that sits where another one sat, in the same slot of the same master, has taken its place.
    """
    last: dict[tuple[object, ...], tuple[int, int, Worker]] = {}
    for at, worker in events:
        known = last.get(worker.seat)
        if known is None or known[:2] <= (at, worker.number):
            last[worker.seat] = (at, worker.number, worker)
    return [
        worker for _, _, worker in sorted(last.values(), key=lambda one: one[2].name) if not worker.has_ended
    ]


def _lines(
    client: CloudWatchLogsClient,
    group: str,
    seconds: int,
    doubts: list[tuple[str, str]],
    clock: Callable[[], float],
) -> Iterable[tuple[int, str]]:
    until = clock() + READING_MAX_SECONDS
    begin = int((time.time() - seconds) * 1000)
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=begin, filterPattern=PATTERN
    )
    for number, page in enumerate(pages, start=1):
        for event in page.get("events", []):
            yield int(event["timestamp"]), str(event["message"])
        if not page.get("nextToken"):
            return
        if number == PAGES_MAX or clock() > until:
            doubts.append((f"only the first {number} pages of the log were read", "give a shorter SINCE"))
            return


def _read(lines: Iterable[tuple[int, str]]) -> _Read:
    events: list[tuple[int, Worker]] = []
    unreadable = 0
    for at, line in lines:
        document = _object(line)
        # A line may hold the words and be about something else.
        if document is None or document.get("event") != EVENT:
            continue
        try:
            events.append((at, read(document.get("loaded"), with_host=True)))
        except ValueError:
            unreadable += 1
    if not unreadable:
        return _Read(events, [])
    remedy = "run the verification of the backend's own version"
    return _Read(events, [(f"{unreadable} of the events can't be read", remedy)])


def _object(line: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
