"""Batches of documents to PutTraceSegments."""

import asyncio
import json
import logging
import random
from collections import Counter
from http import HTTPStatus

from localcloud.daemon.connection import Answer
from localcloud.daemon.counters import Counters
from localcloud.daemon.documents import DocumentQueue
from localcloud.daemon.errors import UpstreamError
from localcloud.daemon.upstream import Upstream

logger = logging.getLogger("localcloud.daemon")

PUT_TRACE_SEGMENTS_PATH = "/TraceSegments"
JSON_HEADERS = (("Content-Type", "application/json"),)
BATCHES_IN_FLIGHT = 8
ATTEMPTS = 3
BACKOFF_SECONDS = 0.2
_SERVER_ERRORS = range(500, 600)


class Sender:
    """Empties the queue, a few batches at a time, and counts what became of every document."""

    def __init__(
        self, queue: DocumentQueue, upstream: Upstream, counters: Counters, *, flush_interval: float
    ) -> None:
        self._queue = queue
        self._upstream = upstream
        self._counters = counters
        self._flush_interval = flush_interval
        self._slots = asyncio.Semaphore(BATCHES_IN_FLIGHT)
        self._in_flight: dict[asyncio.Task[None], list[str]] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, in the running event loop."""
        self._loop = asyncio.create_task(self._run(), name="daemon-sender")

    async def stop(self, deadline: float) -> None:
        """Send what is queued within `deadline` seconds; count the rest as failed."""
        if self._loop is None:
            return
        self._loop.cancel()
        await asyncio.wait([self._loop])
        try:
            async with asyncio.timeout(deadline):
                while len(self._queue):
                    await self._send_next()
                if self._in_flight:
                    await asyncio.wait(self._in_flight)
        except TimeoutError:
            logger.warning("daemon: not all segments could be sent within %g seconds of the stop", deadline)
        if self._in_flight:
            for task in self._in_flight:
                task.cancel()
            await asyncio.wait(self._in_flight)
        while batch := self._queue.take_batch():
            self._fail(batch, "stopped")

    async def _run(self) -> None:
        while True:
            await self._queue.batch_is_due(self._flush_interval)
            await self._send_next()

    async def _send_next(self) -> None:
        await self._slots.acquire()
        # No await from here on: a batch that was taken always has its task.
        batch = self._queue.take_batch()
        task = asyncio.create_task(self._send(batch))
        self._in_flight[task] = batch
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        batch = self._in_flight.pop(task)
        self._slots.release()
        if task.cancelled():
            self._fail(batch, "stopped")
        elif (error := task.exception()) is not None:
            self._fail(batch, "error")
            logger.error("daemon: sending a batch failed", exc_info=error)

    async def _send(self, batch: list[str]) -> None:
        if batch and (cause := await self._put(batch)) is not None:
            self._fail(batch, cause)
            logger.warning("daemon: %d segments dropped: PutTraceSegments: %s", len(batch), cause)

    async def _put(self, batch: list[str]) -> str | None:
        """Call PutTraceSegments, again where that may help; return why it failed in the end, or None."""
        body = json.dumps({"TraceSegmentDocuments": batch}).encode()
        cause = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._counters.add("retries")
                await asyncio.sleep(BACKOFF_SECONDS * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
            try:
                answer = await self._upstream.send("POST", PUT_TRACE_SEGMENTS_PATH, JSON_HEADERS, body)
            except UpstreamError as error:
                cause = error.fault.value
                self._counters.add("backend_errors", detail=cause)
                continue
            if answer.status == HTTPStatus.OK:
                return self._count(batch, answer)
            cause = f"http_{answer.status}"
            self._counters.add("backend_errors", detail=cause)
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS and answer.status not in _SERVER_ERRORS:
                break
        return cause

    def _count(self, batch: list[str], answer: Answer) -> str | None:
        try:
            unprocessed = json.loads(answer.body)["UnprocessedTraceSegments"]
            codes = Counter(str(segment.get("ErrorCode")) for segment in unprocessed)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "bad_answer"
        self._counters.add("batches")
        for code, count in codes.items():
            first = not self._counters[f"unprocessed.{code}"]
            self._counters.add("unprocessed", count, detail=code)
            if first:
                logger.warning(
                    "daemon: X-Ray did not process %d segments: %s; more are only counted", count, code
                )
        self._counters.add("forwarded", len(batch) - codes.total())
        return None

    def _fail(self, batch: list[str], cause: str) -> None:
        self._counters.add("failed", len(batch), detail=cause)
