"""The bounded queue."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from localcloud.daemon.counters import Counters
from localcloud.daemon.documents import OVERHEAD_BYTES, DocumentQueue


@given(st.lists(st.text(max_size=20)), st.integers(0, 500), st.integers(1, 7))
def test_keeps_the_newest_in_order_within_its_capacity(
    documents: list[str], capacity: int, batch_documents: int
) -> None:
    """What comes out is the end of what went in; the rest is counted as spillover; no batch is too large."""
    counters = Counters()
    queue = DocumentQueue(counters, capacity_bytes=capacity, batch_documents=batch_documents)
    for document in documents:
        queue.put(document)
    out: list[str] = []
    while batch := queue.take_batch():
        assert len(batch) <= batch_documents
        out += batch
    assert len(out) == len(documents) - counters["spillover"]
    assert out == documents[len(documents) - len(out) :]
    assert sum(len(document) + OVERHEAD_BYTES for document in out) <= capacity
    if counters["spillover"]:
        following = documents[len(documents) - len(out) - 1 :]
        assert sum(len(document) + OVERHEAD_BYTES for document in following) > capacity


def test_a_full_batch_is_due_at_once() -> None:
    """A batch that is full doesn't wait for the flush interval."""

    async def wait() -> None:
        queue = DocumentQueue(Counters(), batch_documents=2)
        queue.put("a")
        queue.put("b")
        await asyncio.wait_for(queue.batch_is_due(patience=3600), timeout=20)

    asyncio.run(wait())


def test_nothing_is_due_while_the_queue_is_empty() -> None:
    """The flush interval counts from the first document, not from the last batch."""

    async def wait() -> bool:
        queue = DocumentQueue(Counters(), batch_documents=2)
        waiting = asyncio.ensure_future(queue.batch_is_due(patience=0))
        for _ in range(100):
            await asyncio.sleep(0)
        was_due = waiting.done()
        queue.put("a")
        await asyncio.wait_for(waiting, timeout=20)
        return was_due

    assert asyncio.run(wait()) is False
