"""The parts of a drawing: bins and their rows, numbers, bars and shades, the time axis."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.queries import files, running
from scripts.queries.drawing.axis import Axis
from scripts.queries.drawing.bins import Bin, Scale
from scripts.queries.drawing.heatmap import ROWS_MAX
from scripts.queries.drawing.marks import ASCII, UNICODE, bar, number, shade
from scripts.queries.result import Result

NOW = datetime(2026, 11, 21, 15, 27, 13, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 50)), min_size=1),
    st.sampled_from([0.02, 1, 5, 200]),
)
def test_each_bin_is_in_the_row_that_has_its_bounds(places: list[tuple[int, int]], width: float) -> None:
    """Rows are few, of one height, and hold bins whole."""
    there = [Bin(place * width, (place + 1) * width, count) for place, count in places]
    scale = Scale(there, ROWS_MAX)
    assert 1 <= scale.count <= ROWS_MAX
    for one in there:
        low, high = scale.bounds(scale.row(one))
        assert low - width / 1000 <= one.low
        assert one.high <= high + width / 1000
        assert 0 <= scale.row(one) < scale.count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (12, "12"),
        (12.0, "12"),
        (857.0309715273646, "857.03"),
        (0.123456, "0.12346"),
        (1234567.8, "1234568"),
        (0.00001, "1.00e-05"),
        (2**70, "1.181e+21"),
        (-3.25, "-3.25"),
        (float("inf"), "inf"),
        (None, "(none)"),
        (True, "True"),
    ],
)
def test_numbers(value: object, text: str) -> None:
    """As many digits as the eye takes in."""
    assert number(value) == text


def test_the_least_is_seen() -> None:
    """One among a million has a bar and a shade; nothing has none."""
    for marks in (UNICODE, ASCII):
        assert bar(1e-6, 20, marks) != ""
        assert bar(0, 20, marks) == ""
        assert len(bar(1, 20, marks)) == 20
        assert shade(1, 1e6, marks)[0] == marks.shades[0]
        assert shade(1e6, 1e6, marks)[0] == marks.shades[-1]
        assert shade(0, 1e6, marks)[0] == " "


@given(st.integers(60, 7 * 86400))
def test_ticks_stand_below_their_part(since: int) -> None:
    """Each is a time of the axis, at its place, and none runs into another."""
    counted = files.load()["routes"]
    assert isinstance(counted, files.HoneycombQuery)
    sent = running.prepared(counted, since, NOW.timestamp())
    begin, end = (datetime.fromtimestamp(sent[one], UTC) for one in ("start_time", "end_time"))
    axis = Axis.of(Result(sent, begin, end, [], []))
    assert axis.parts <= running.BARS_MAX + 1
    for columns in (1, 3):
        line = axis.ticks(columns)
        assert line.startswith(axis.label(0))
        for part in range(axis.parts):
            label = axis.label(part)
            if line.find(label, part * columns) == part * columns and part:
                assert line[part * columns - 1] == " "
