"""The queue between the UDP port and X-Ray."""

import asyncio
from collections import deque

from localcloud.daemon.counters import Counters

CAPACITY_BYTES = 64 * 1024 * 1024
OVERHEAD_BYTES = 64
"""Added to each document's size, so that a flood of empty ones is bounded too."""

BATCH_DOCUMENTS = 50


class DocumentQueue:
    """Segment documents in order of arrival, bounded in bytes; when full, the oldest goes (spillover)."""

    def __init__(
        self,
        counters: Counters,
        *,
        capacity_bytes: int = CAPACITY_BYTES,
        batch_documents: int = BATCH_DOCUMENTS,
    ) -> None:
        self._counters = counters
        self._capacity = capacity_bytes
        self._batch_documents = batch_documents
        self._documents: deque[str] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._batch_filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._documents)

    def put(self, document: str) -> None:
        """Append `document`; never waits."""
        self._documents.append(document)
        self._bytes += _size(document)
        while self._bytes > self._capacity:
            self._bytes -= _size(self._documents.popleft())
            self._counters.add("spillover")
        self._signal()

    async def batch_is_due(self, patience: float) -> None:
        """Return when a whole batch is queued, or `patience` seconds after anything is."""
        await self._filled.wait()
        try:
            async with asyncio.timeout(patience):
                await self._batch_filled.wait()
        except TimeoutError:
            return

    def take_batch(self) -> list[str]:
        """Remove and return the oldest documents, at most as many as one batch holds."""
        batch = [self._documents.popleft() for _ in range(min(self._batch_documents, len(self._documents)))]
        self._bytes -= sum(map(_size, batch))
        self._signal()
        return batch

    def _signal(self) -> None:
        _set(self._filled, is_set=bool(self._documents))
        _set(self._batch_filled, is_set=len(self._documents) >= self._batch_documents)


def _size(document: str) -> int:
    return len(document) + OVERHEAD_BYTES


def _set(event: asyncio.Event, *, is_set: bool) -> None:
    if is_set:
        event.set()
    else:
        event.clear()
