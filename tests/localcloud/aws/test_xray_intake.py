"""What is taken in, and stored while nobody asks: at once, later, or with those who bring it held back."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from localcloud.aws.xray import intake
from localcloud.aws.xray.intake import Intake
from localcloud.aws.xray.store.database import Database
from localcloud.aws.xray.traces import TraceStore
from tests.localcloud.aws.segments import make_segment, make_trace_id

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 20
TURNS = 20


@pytest.fixture
def store() -> Iterator[TraceStore]:
    """Return a store in memory."""
    database = Database()
    yield TraceStore("a/1", "123456789012", database=database)
    database.close()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make few documents many, and long times short; the tick never comes by itself."""
    monkeypatch.setattr(intake, "EAGER_DOCUMENTS", STEP)
    monkeypatch.setattr(intake, "POUR_DOCUMENTS", 1)
    monkeypatch.setattr(intake, "POUR_SECONDS", 0.01)
    monkeypatch.setattr(intake, "TICK_SECONDS", 3600.0)
    monkeypatch.setattr(intake, "QUIET_SECONDS", 3600.0)


def _bring(store: TraceStore) -> None:
    for _ in range(STEP):
        assert store.put(json.dumps(make_segment(make_trace_id()))) is None


async def _pour(taking: Intake, store: TraceStore, turns: int, pause: float = 0.0) -> list[int]:
    """Bring more and more; return how many waited after each time."""
    waiting = []
    for _ in range(turns):
        _bring(store)
        await taking.taken(store)
        await asyncio.sleep(pause)
        waiting.append(store.waiting_documents)
    return waiting


async def _until_few_wait(store: TraceStore) -> None:
    while store.waiting_documents >= STEP:
        await asyncio.sleep(0.001)


def test_what_pours_in_waits_until_the_pour_ends(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """While documents pour in none is stored; afterwards they are, and nobody has to ask."""
    monkeypatch.setattr(intake, "POUR_SECONDS", 0.5)

    async def run() -> None:
        waiting = await _pour(Intake(), store, TURNS)
        assert waiting == [STEP * (turn + 1) for turn in range(TURNS)]
        await asyncio.wait_for(_until_few_wait(store), 60)

    asyncio.run(run())


def test_beyond_the_backlog_they_are_stored_while_more_pour_in(
    store: TraceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast documents come, no more wait than there is room for, and what is in excess is stored."""
    monkeypatch.setattr(intake, "BACKLOG_DOCUMENTS", 3 * STEP)
    monkeypatch.setattr("localcloud.aws.xray.traces.PENDING_MAX_DOCUMENTS", 5 * STEP)

    async def run() -> None:
        waiting = await _pour(Intake(), store, 100, intake.POUR_SECONDS / 10)
        assert max(waiting) <= 6 * STEP

    asyncio.run(run())
    assert store.arrived_documents == 100 * STEP


def test_a_slow_stream_is_stored_as_it_comes(store: TraceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that come no faster than they can be stored don't pile up."""
    monkeypatch.setattr(intake, "POUR_DOCUMENTS", STEP + 1)

    async def run() -> None:
        taking = Intake()
        for _ in range(3):
            _bring(store)
            await taking.taken(store)
            await asyncio.wait_for(_until_few_wait(store), 60)

    asyncio.run(run())
