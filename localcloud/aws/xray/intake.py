"""Stores what PutTraceSegments took while nobody asks for it, and holds clients back where too much waits."""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor

from localcloud.aws.xray.traces import TraceStore

TICK_SECONDS = 1.0
QUIET_SECONDS = 1.0
"""A trace to which nothing came for so long is stored; until then more of it is expected."""
EAGER_DOCUMENTS = 6_000
"""With so many waiting those that waited longest are stored at once, unless more pour in."""
POUR_SECONDS = 0.1
POUR_DOCUMENTS = 1_500
"""Coming in that time they pour: faster than they can be stored. Taking them in has the machine to itself."""
BACKLOG_DOCUMENTS = 120_000
"""With so many waiting some are stored however fast more come."""
RETRY_SECONDS = 1.0
"""Where documents can't be stored it is tried again after so long, when somebody brings more."""

log = logging.getLogger(__name__)


class Intake:
    """Of one event loop; the work is done in a thread, a slice at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="xray-intake")
        self._tasks: dict[TraceStore, asyncio.Task[None]] = {}
        self._many = asyncio.Event()
        self._tried: dict[TraceStore, float] = {}
        """When it was tried last to store what couldn't be stored."""

    async def refusal(self, store: TraceStore) -> str | None:
        """Return why a store takes no documents now; None where it does."""
        now = asyncio.get_running_loop().time()
        if store.refusal is not None and now >= self._tried.get(store, 0.0) + RETRY_SECONDS:
            self._tried[store] = now
            await self._try_to_store(store)
        if store.refusal is None:
            self._tried.pop(store, None)
        return store.refusal

    async def taken(self, store: TraceStore) -> None:
        """Tell that a store took documents; returns late where too many wait."""
        while store.overfull and await self._try_to_store(store):
            pass
        if not store.waiting_documents:
            return
        if store not in self._tasks:
            self._tasks[store] = asyncio.create_task(self._run(store))
        if store.waiting_documents >= EAGER_DOCUMENTS:
            self._many.set()

    async def _run(self, store: TraceStore) -> None:
        try:
            while store.waiting_documents:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._many.wait(), TICK_SECONDS)
                self._many.clear()
                while store.waiting_documents >= EAGER_DOCUMENTS:
                    if not await self._is_pouring(store):
                        await self._store_slice(store, 0.0)
                while await self._store_slice(store, QUIET_SECONDS):
                    pass
        except Exception:
            log.exception("segments wait: they can't be stored now")
        finally:
            del self._tasks[store]

    async def _is_pouring(self, store: TraceStore) -> bool:
        """Watch for a moment whether documents pour in, and there is room for them."""
        before = store.arrived_documents
        if store.waiting_documents < BACKLOG_DOCUMENTS:
            await asyncio.sleep(POUR_SECONDS)
        more = store.arrived_documents - before
        return more >= POUR_DOCUMENTS and store.waiting_documents < BACKLOG_DOCUMENTS

    async def _try_to_store(self, store: TraceStore) -> bool:
        """Store a slice; return False where it can't be stored, which is logged."""
        try:
            await self._store_slice(store, 0.0)
        except Exception:
            log.exception("segments wait: they can't be stored now")
            return False
        return True

    async def _store_slice(self, store: TraceStore, quiet_seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, store.store_slice, quiet_seconds)
