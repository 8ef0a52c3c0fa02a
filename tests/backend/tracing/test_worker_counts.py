"""The memory that workers count in, and what their parent makes of it."""

import os
import signal
import threading
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracing.pipeline import Pipeline
from services.tracing.sending import worker_counts
from services.tracing.sending.counters import SinkCounters
from services.tracing.sending.worker_counts import (
    DROPPED,
    QUEUE_DROPPED,
    RECORDED,
    SENT,
    SINKS,
    WorkerCounts,
)
from services.tracing.worker_id import worker_id
from tests.backend.tracing.spans import make_span

COUNTS = st.integers(0, 2**40)


@dataclass(frozen=True)
class Life:
    """What one worker counted until it ended: of the queue, and of its sinks (sent, dropped, lost)."""

    queue_dropped: int
    sinks: dict[str, tuple[int, int, int]]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Return a worker's life in which every sink's counts are of the same spans."""
    handed = draw(COUNTS)
    sinks = {}
    for name in draw(st.sets(st.sampled_from(SINKS))):
        sent = draw(st.integers(0, handed))
        dropped = draw(st.integers(0, handed - sent))
        sinks[name] = (sent, dropped, handed - sent - dropped)
    return Life(draw(COUNTS), sinks)


def live(counts: WorkerCounts, number: int, life: Life) -> int:
    """Let this process be the worker of a slot; return what it recorded."""
    slot = counts.take(number)
    recorded = life.queue_dropped + max((sum(values) for values in life.sinks.values()), default=0)
    slot.queue[RECORDED], slot.queue[QUEUE_DROPPED] = recorded, life.queue_dropped
    for name, (sent, dropped, _) in life.sinks.items():
        cells = slot.sink(name)
        cells[SENT], cells[DROPPED] = sent, dropped
    return recorded


@settings(deadline=None)
@given(st.lists(lives(), max_size=12), st.integers(1, 3))
def test_every_span_of_an_ended_worker_is_in_the_totals_once(ended: list[Life], slots: int) -> None:
    """However many workers come and go over few slots: what they held and did not send is lost, by sink."""
    counts = WorkerCounts(slots)
    recorded = 0
    for life in ended:
        number = counts.reserve()
        assert number is not None
        own = live(counts, number, life)
        recorded += own
        running = counts.status()["running"]
        assert [worker["recorded"] for worker in running] == ([own] if life.sinks else [])
        found = counts.end(number, os.getpid())
        assert found.recorded == own
        assert found.lost == {name: values[2] for name, values in life.sinks.items() if values[2]}
    document = counts.status()
    assert document["running"] == []
    assert (document["ended"]["workers"], document["ended"]["recorded"]) == (len(ended), recorded)
    for name in SINKS:
        of_sink = [(life.queue_dropped, *life.sinks[name]) for life in ended if name in life.sinks]
        expected = {
            "sent": sum(values[1] for values in of_sink),
            "dropped": sum(values[0] + values[2] for values in of_sink),
            "lost": sum(values[3] for values in of_sink),
        }
        assert document["ended"]["sinks"].get(name) == (expected if of_sink else None)


def test_a_slot_is_free_again_once_its_worker_has_ended() -> None:
    """Where none is free there is none, and no running worker's counts are touched."""
    counts = WorkerCounts(2)
    first, second = counts.reserve(), counts.reserve()
    assert first is not None
    assert second is not None
    assert counts.reserve() is None
    counts.take(second).sink("xray")[SENT] = 5
    counts.end(first, 1)
    assert counts.reserve() == first
    assert counts.status()["running"] == [
        {"id": worker_id(), "pid": os.getpid(), "recorded": 0, "sinks": {"xray": {"sent": 5, "dropped": 0}}}
    ]


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([SENT, DROPPED]), st.integers(-3, 9))))
def test_sessions_that_count_beside_each_other_add_up(steps: list[tuple[int, int, int]]) -> None:
    """One is begun while another still sends; each tells its own sums, in any order, and none is lost."""
    counts = WorkerCounts(1)
    slot = counts.take(counts.reserve() or 0)
    sessions = [(slot.sink("honeycomb"), {SENT: 0, DROPPED: 0}) for _ in range(3)]
    for session, index, more in steps:
        cells, own = sessions[session]
        own[index] += more
        cells[index] = own[index]
    (running,) = counts.status()["running"]
    sums = {index: sum(own[index] for _, own in sessions) for index in (SENT, DROPPED)}
    assert running["sinks"] == {"honeycomb": {"sent": sums[SENT], "dropped": sums[DROPPED]}}


def test_the_parent_knows_what_a_killed_worker_held() -> None:
    """A child is killed by SIGKILL with spans in its queue; nobody wrote them down but itself, at once."""
    counts = WorkerCounts()
    number = counts.reserve()
    assert number is not None
    child = os.fork()
    if child == 0:
        slot = counts.take(number)
        counters = SinkCounters("sink", slot.sink("honeycomb"))
        pipeline = Pipeline([], capacity=5, cells=slot.queue)  # its thread isn't started: all is held
        for _ in range(8):
            pipeline.put(make_span())
        counters.sent(2)
        counters.lost("refused", 1)
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    (running,) = counts.status()["running"]
    assert running.pop("id") not in {worker_id(), worker_id(0)}
    assert running == {"pid": child, "recorded": 8, "sinks": {"honeycomb": {"sent": 1, "dropped": 4}}}
    ended = counts.end(number, child)
    assert (ended.pid, ended.recorded, ended.lost) == (child, 8, {"honeycomb": 3})


def test_many_threads_count_without_losing_one() -> None:
    """What request threads record, and what they see dropped, adds up."""
    counts = WorkerCounts(1)
    slot = counts.take(counts.reserve() or 0)
    pipeline = Pipeline([], capacity=100, cells=slot.queue)
    slot.sink("xray")
    span = make_span()

    def record() -> None:
        for _ in range(5000):
            pipeline.put(span)

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (running,) = counts.status()["running"]
    assert running["recorded"] == 40_000 == pipeline.recorded
    assert running["sinks"]["xray"]["dropped"] == 39_900 == pipeline.dropped


def test_a_child_of_a_worker_does_not_write_into_its_slot() -> None:
    """A process that the application forks shares the memory and has no slot of its own."""
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        number = worker_counts.share().reserve()
        worker_counts.take_slot(number if number is not None else -1)
        child = os.fork()
        if child == 0:
            os.write(write, b"n" if worker_counts.own_slot() is None else b"y")
            os.write(write, b"n" if worker_counts.workers_status() is None else b"y")
            os._exit(0)
        os.waitpid(child, 0)
        os.write(write, b"n" if worker_counts.own_slot() is None else b"y")
        os._exit(0)
    os.waitpid(worker, 0)
    assert os.read(read, 3) == b"nny"
    os.close(read)
    os.close(write)


def test_a_process_without_such_a_parent_shares_nothing() -> None:
    """An application under another configuration of gunicorn, or none, counts for itself."""
    assert worker_counts.workers_status() is None
