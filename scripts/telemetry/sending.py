"""A trace handed to both sinks side by side, within five seconds; what was not sent is told."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

import requests

from scripts import bounded, honeycomb_key
from scripts.aws import FAILURES, clients
from scripts.errors import explain
from scripts.telemetry import documents, otlp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.telemetry.place import Place
    from scripts.telemetry.spans import Span

SEND_SECONDS = 5.0
DOCUMENTS_PER_CALL = 50
"""As the X-Ray daemon sends them; PutTraceSegments documents no limit of its own."""
_ANSWER_MAX_BYTES = 65_536
XRAY, HONEYCOMB = "X-Ray", "Honeycomb"


class NotSentError(Exception):
    """A sink did not take the trace; the text says why."""


@dataclass(frozen=True)
class Trace:
    """A whole trace: its root, and all of its spans."""

    root: Span
    spans: Sequence[Span]


def send(trace: Trace, place: Place, *, seconds: float | None = None) -> dict[str, str]:
    """Return, by sink, why it did not take *trace* within *seconds* (SEND_SECONDS); empty for one that did.

    Who is late is not waited for: its thread ends with the process.
    """
    seconds = SEND_SECONDS if seconds is None else seconds
    until = time.monotonic() + seconds
    said: dict[str, str] = {}
    sinks: dict[str, Callable[[Trace, Place, float], None]] = {XRAY: to_xray, HONEYCOMB: to_honeycomb}
    threads = [
        Thread(target=_into, args=(said, name, sink, trace, place, until), daemon=True)
        for name, sink in sinks.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = f"no answer within {seconds:g} s"
    return {name: said.copy().get(name, late) for name in sinks}


def _into(
    said: dict[str, str],
    name: str,
    sink: Callable[[Trace, Place, float], None],
    trace: Trace,
    place: Place,
    until: float,
) -> None:
    try:
        sink(trace, place, until)
    except NotSentError as error:
        said[name] = str(error)
    except Exception as error:  # noqa: BLE001 - told, and never the reason for a command to fail
        said[name] = explain(error, local=place.is_local).message
    else:
        said[name] = ""


def to_xray(trace: Trace, place: Place, until: float) -> None:
    """Put the trace's documents, the root's first. Raises NotSentError where not all are taken."""
    waiting = documents.of(trace.spans, trace.root, place.service)
    refused: list[str] = []
    try:
        client = clients(place.region).xray()
        for first in range(0, len(waiting), DOCUMENTS_PER_CALL):
            if time.monotonic() > until:
                raise NotSentError(f"only {first} of {len(waiting)} spans in time")
            some = waiting[first : first + DOCUMENTS_PER_CALL]
            answer = client.put_trace_segments(TraceSegmentDocuments=some)
            unprocessed = answer.get("UnprocessedTraceSegments")
            if unprocessed is None:
                raise NotSentError("what answers is not X-Ray: check AWS_ENDPOINT_URL and the proxy")
            refused += [one.get("Message", "no reason") for one in unprocessed]
    except FAILURES as error:
        raise NotSentError(explain(error, local=place.is_local).message) from error
    if refused:
        raise NotSentError(f"{len(refused)} of {len(waiting)} spans refused, as in: {refused[0]}")


def to_honeycomb(trace: Trace, place: Place, until: float) -> None:
    """Post the trace as OTLP. Raises NotSentError where there is no key, or it isn't taken."""
    if not place.endpoint:
        raise NotSentError("honeycomb_endpoint is not set")
    key = place.key()
    if key is None:
        raise NotSentError(f"no key: {place.parameter} isn't there or may not be read")
    left = max(0.1, until - time.monotonic())
    headers = {"x-honeycomb-team": key, "Content-Type": "application/x-protobuf"}
    if "classic" in (honeycomb_key.kind(key) or ""):
        headers["x-honeycomb-dataset"] = place.service
    try:
        answer = bounded.ask(
            "POST",
            f"{place.endpoint}/v1/traces",
            bounded.Bounds(_ANSWER_MAX_BYTES, left, (left, left)),
            headers=headers,
            body=otlp.encode(trace.spans, place.service),
        )
    except (requests.RequestException, ValueError) as error:
        # Its text may hold what was sent; its kind is enough.
        raise NotSentError(f"{place.endpoint} can't be reached ({type(error).__name__})") from None
    if answer.status != 200:
        raise NotSentError(f"{place.endpoint} answers with HTTP {answer.status}")
