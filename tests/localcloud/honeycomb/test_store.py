"""The bounded store."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.attributes import Field
from localcloud.honeycomb.events import Event
from localcloud.honeycomb.limits import STRING_MAX_BYTES
from localcloud.honeycomb.store import EventStore


def trace_id(number: int) -> str:
    """An id of 32 digits."""
    return f"{number:x}" * 32


def event(trace: int = 1, dataset: str = "cruddur", time: int = 1, **fields: Any) -> Event:
    """An event of the trace with this number."""
    return Event(dataset, time, 1, {"trace.trace_id": trace_id(trace), **fields})


def wide_event(fields: int, value: Field) -> Event:
    """An event with as many fields of that value, and a trace id."""
    values = {f"field{number}": value for number in range(fields)}
    return Event("cruddur", 1, 1, {"trace.trace_id": trace_id(1), **values})


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["a", "A", "b"]))), st.integers(0, 6))
def test_the_newest_events_are_kept_and_indexes_agree(arriving: list[tuple[int, str]], capacity: int) -> None:
    """Whatever arrives, traces and datasets hold exactly the last events, and the rest is counted."""
    store = EventStore(capacity_events=capacity, clock=lambda: 10**9)
    store.add(event(trace, dataset, number=at) for at, (trace, dataset) in enumerate(arriving))
    kept = list(enumerate(arriving))[max(0, len(arriving) - capacity) :]
    for trace in range(1, 5):
        found = [stored.fields["number"] for stored in store.trace(trace_id(trace))]
        assert found == [at for at, (of, _) in kept if of == trace]
    counts = {dataset.slug: dataset.events for dataset in store.datasets()}
    assert counts == {
        slug: count for slug in "ab" if (count := sum(name.lower() == slug for _, (_, name) in kept))
    }
    counters = store.counters()
    assert counters["received"] == counters["stored"] == len(arriving)
    assert counters["dropped_oldest"] == len(arriving) - len(kept)
    assert counters["kept"] == len(kept)


def test_capacity_is_bounded_in_bytes_too() -> None:
    """A few large events drop the older ones."""
    store = EventStore(capacity_bytes=100_000, clock=lambda: 10)
    store.add(event(number=number, text="x" * 30_000) for number in range(10))
    assert [stored.fields["number"] for stored in store.trace(trace_id(1))] == [7, 8, 9]


def test_a_trace_is_sorted_by_time() -> None:
    """Events at one time stay in order of arrival."""
    store = EventStore(clock=lambda: 100)
    store.add([event(time=5, number=0), event(time=3, number=1), event(time=5, number=2)])
    assert [stored.fields["number"] for stored in store.trace(trace_id(1))] == [1, 0, 2]


def test_an_event_of_the_future_gets_the_time_of_its_arrival() -> None:
    """Nothing is later than now."""
    store = EventStore(clock=lambda: 100)
    store.add([event(time=2**63), event(time=99)])
    assert [stored.time for stored in store.trace(trace_id(1))] == [99, 100]


def test_the_first_event_fixes_a_datasets_case() -> None:
    """Names differing in case are one dataset."""
    store = EventStore(clock=lambda: 100)
    store.add([event(dataset="My dataset!"), event(dataset="my DATASET!")])
    (dataset,) = store.datasets()
    assert (dataset.name, dataset.slug, dataset.events) == ("My dataset!", "my-dataset-", 2)


def test_events_over_honeycombs_limits_are_refused_and_counted() -> None:
    """2,000 fields and 1 MB are the most; longer texts than 64 KB are cut."""
    store = EventStore(clock=lambda: 100)
    store.add(
        [
            wide_event(1999, 1),
            wide_event(2000, 1),
            wide_event(17, "x" * 60_000),
            event(text="é" * 40_000),
        ]
    )
    counters = store.counters()
    assert (counters["stored"], counters["refused"]) == (2, 2)
    assert counters["refused.too_many_fields"] == counters["refused.too_large"] == 1
    assert store.trace(trace_id(1))[-1].fields["text"] == "é" * (STRING_MAX_BYTES // 2)


@given(st.integers(0, 30), st.integers(0, 12), st.integers(1, 7))
def test_pages_have_every_kept_event_once(arriving: int, capacity: int, size: int) -> None:
    """In order of arrival, also where the first ones had to go."""
    store = EventStore(capacity_events=capacity, clock=lambda: 10**9)
    store.add(event(number=number) for number in range(arriving))
    found: list[Any] = []
    following: int | None = 0
    while following is not None:
        page, following = store.page(following, size)
        assert len(page) <= size
        found += [stored.fields["number"] for stored in page]
    assert found == list(range(arriving))[max(0, arriving - capacity) :]
