"""The daemon's records about itself, by PutTelemetryRecords."""

import asyncio
import json
import logging
import socket
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from localcloud.daemon.counters import Counters
from localcloud.daemon.errors import UpstreamError
from localcloud.daemon.upstream import Upstream

logger = logging.getLogger("localcloud.daemon")

PUT_TELEMETRY_RECORDS_PATH = "/TelemetryRecords"
RECORDS_PER_CALL = 10
HOSTNAME_MAX_CHARACTERS = 255

_SEGMENT_COUNTS = {
    "SegmentsReceivedCount": "received",
    "SegmentsSentCount": "forwarded",
    "SegmentsSpilloverCount": "spillover",
    "SegmentsRejectedCount": "rejected",
}
_NAMED_ERRORS = {
    "timeout": "TimeoutCount",
    "connection_refused": "ConnectionRefusedCount",
    "unknown_host": "UnknownHostCount",
}
_OTHER_ERRORS = "OtherCount"
_HTTP_ERRORS = {"http_4": "HTTPCode4XXCount", "http_5": "HTTPCode5XXCount"}
_ERROR_PREFIX = "backend_errors."


def telemetry_record(before: dict[str, int], now: dict[str, int], timestamp: float) -> dict[str, Any]:
    """Return the TelemetryRecord (X-Ray API) of what was counted from snapshot `before` to `now`."""

    def risen(name: str) -> int:
        return now.get(name, 0) - before.get(name, 0)

    errors = dict.fromkeys((*_NAMED_ERRORS.values(), *_HTTP_ERRORS.values(), _OTHER_ERRORS), 0)
    for name in now:
        if name.startswith(_ERROR_PREFIX):
            cause = name.removeprefix(_ERROR_PREFIX)
            field = _NAMED_ERRORS.get(cause) or _HTTP_ERRORS.get(cause[: len("http_4")]) or _OTHER_ERRORS
            errors[field] += risen(name)
    return {
        "Timestamp": timestamp,
        **{field: risen(name) for field, name in _SEGMENT_COUNTS.items()},
        "BackendConnectionErrors": errors,
    }


class Telemetry:
    """Makes a record each interval, once any segment has arrived; keeps ten where they can't be sent."""

    def __init__(
        self,
        upstream: Upstream,
        counters: Counters,
        *,
        interval: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._upstream = upstream
        self._counters = counters
        self._interval = interval
        self._clock = clock
        self._unsent: deque[dict[str, Any]] = deque(maxlen=RECORDS_PER_CALL)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to record, in the running event loop."""
        self._task = asyncio.create_task(self._run(), name="daemon-telemetry")

    async def stop(self) -> None:
        """Record no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        before = self._counters.snapshot()
        while True:
            await asyncio.sleep(self._interval)
            if not self._counters["received"]:
                continue
            now = self._counters.snapshot()
            self._unsent.append(telemetry_record(before, now, self._clock()))
            before = now
            await self._send()

    async def _send(self) -> None:
        records = list(self._unsent)
        body = {"TelemetryRecords": records, "Hostname": socket.gethostname()[:HOSTNAME_MAX_CHARACTERS]}
        try:
            answer = await self._upstream.send(
                "POST",
                PUT_TELEMETRY_RECORDS_PATH,
                [("Content-Type", "application/json")],
                json.dumps(body).encode(),
            )
        except UpstreamError as error:
            logger.warning("daemon: PutTelemetryRecords: %s", error)
            return
        if answer.status == HTTPStatus.OK:
            self._unsent.clear()
            self._counters.add("telemetry_records", len(records))
        else:
            logger.warning("daemon: PutTelemetryRecords: HTTP %d", answer.status)
