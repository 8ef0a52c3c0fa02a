"""Spans that wait for another try."""

from hypothesis import given
from hypothesis import strategies as st

from services.tracing.sending import waiting_spans
from services.tracing.sending.waiting_spans import WAIT_SECONDS, Datagrams, WaitingSpans

STEPS = st.one_of(
    st.tuples(st.just("add"), st.lists(st.integers(0, 3_000_000), max_size=300)),
    st.tuples(st.just("try"), st.lists(st.just(0), max_size=40)),
    st.tuples(st.just("give up"), st.lists(st.just(0), max_size=12)),
)


@given(st.lists(STEPS, max_size=12))
def test_each_span_waits_leaves_or_has_no_room(steps: list[tuple[str, list[int]]]) -> None:
    """In their order, within the bounds of number, memory and time, and none is lost sight of."""
    large = b"x" * 3_000_000
    waiting, now, number = WaitingSpans(), 0.0, 0
    expected: list[tuple[float, Datagrams]] = []
    for step, values in steps:
        if step == "add":
            spans = [
                [b"%d" % (number + place), memoryview(large)[:size]] for place, size in enumerate(values)
            ]
            number += len(spans)
            refused = waiting.add(spans, now)  # type: ignore[arg-type]
            assert refused == 0 or waiting.is_full
            expected += [(now + WAIT_SECONDS, span) for span in spans[: len(spans) - refused]]  # type: ignore[misc]
        elif step == "try":
            taken = waiting.take(len(values))
            assert taken == expected[: len(values)]
            middle = len(taken) // 2
            waiting.put_back(taken[middle:])
            expected = expected[middle:]
        else:
            now += len(values)
            gone = [span for span in expected if span[0] <= now]
            assert waiting.give_up(now) == len(gone)
            expected = expected[len(gone) :]
        assert len(waiting) == len(expected) <= waiting_spans.SPANS_MAX
        sizes = [sum(map(len, span)) for _, span in expected]
        assert sum(sizes[:-1]) < waiting_spans.BYTES_MAX
        assert waiting.is_full == (
            len(sizes) >= waiting_spans.SPANS_MAX or sum(sizes) >= waiting_spans.BYTES_MAX
        )
    assert waiting.take(len(waiting)) == expected
    assert not waiting.is_full
