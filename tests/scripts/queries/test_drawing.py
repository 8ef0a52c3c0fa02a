"""Results as text: drawn as in ``drawn/``, within the width, whatever is in them."""

from __future__ import annotations

import io
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from scripts.queries import drawing, files, running
from scripts.queries.drawing.bins import UnknownFormError, bins
from scripts.queries.result import Point, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DRAWN = Path(__file__).parent / "drawn"
NOW = datetime(2026, 11, 21, 15, 27, 13, tzinfo=UTC)
QUERIES = files.load()
ROUTES = ("/api/activities/home", "/api/activities/<string:activity_uuid>/reply", "/api/messages/@<handle>")


def query(name: str) -> files.HoneycombQuery:
    """The query of this name."""
    found = QUERIES[name]
    assert isinstance(found, files.HoneycombQuery)
    return found


def result(
    name: str, rows: Sequence[Mapping[str, Any]], series: Sequence[tuple[int, Mapping[str, Any]]] = ()
) -> Result:
    """A result of this query; each point of *series* is so many minutes before NOW."""
    sent = running.prepared(query(name), None, NOW.timestamp())
    begin, end = (datetime.fromtimestamp(sent[one], UTC) for one in ("start_time", "end_time"))
    points = [Point(NOW - timedelta(minutes=minutes), data) for minutes, data in series]
    return Result(sent, begin, end, rows, points)


def drawn(name: str, found: Result, *, width: int = 80, encoding: str = "utf-8", **options: Any) -> str:
    """What a console without colour of this width shows, but for blanks at the ends of lines."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=stream, width=width, highlight=False, legacy_windows=False, **options)
    for part in drawing.draw(query(name), found):
        console.print(part)
    stream.flush()
    return re.sub(" +$", "", raw.getvalue().decode(encoding), flags=re.MULTILINE)


def p99() -> Result:
    """Three routes, one of them only at times."""
    chance = random.Random(7)
    rows = [
        {"http.route": route, "P99(duration_ms)": 120.123 / (place + 1), "COUNT": 1234 // (place + 1)}
        for place, route in enumerate(ROUTES)
    ]
    rows.append({"P99(duration_ms)": 0.5, "COUNT": 1})
    series: list[tuple[int, dict[str, Any]]] = [
        (minutes, {"http.route": route, "P99(duration_ms)": chance.random() * 120, "COUNT": 3})
        for minutes in range(0, 120, 10)
        for route in (ROUTES if minutes < 60 else ROUTES[:2])
    ]
    return result("p99", rows, [*series, (33, {"P99(duration_ms)": 0.5, "COUNT": 1})])


def heatmap() -> Result:
    """Most answers take some 20 ms, more and more take some 80 ms."""
    chance = random.Random(7)
    series: list[tuple[int, dict[str, Any]]] = []
    for minutes in range(119, 0, -2):
        counts: dict[int, int] = {}
        for _ in range(30):
            is_slow = chance.random() > minutes / 120 + 0.2
            place = round(chance.gauss(8 if is_slow else 2, 0.6))
            counts[place] = counts.get(place, 0) + 1
        found = [
            {"low": 10.0 * place, "high": 10.0 * place + 10, "count": counts[place]}
            for place in sorted(counts)
        ]
        series.append((minutes, {"HEATMAP(duration_ms)": found, "P90(duration_ms)": 90.0, "COUNT": 30}))
    return result("heatmap", [{"P90(duration_ms)": 91.25, "COUNT": 1800}], series)


RESULTS = {
    "p99": p99(),
    "heatmap": heatmap(),
    "errors": result(
        "errors",
        [
            {"http.route": ROUTES[0], "http.response.status_code": 500, "COUNT": 7},
            {"http.response.status_code": 404, "COUNT": 3},
        ],
        [
            (5, {"http.route": ROUTES[0], "http.response.status_code": 500, "COUNT": 7}),
            (100, {"http.response.status_code": 404, "COUNT": 3}),
        ],
    ),
    "slowest": result(
        "slowest",
        [
            {"trace.trace_id": f"{place:032x}", "http.route": route, "MAX(duration_ms)": 1000 / place}
            for place, route in enumerate(ROUTES, start=1)
        ],
    ),
    "result-length": result(
        "result-length",
        [
            {
                "name": "home-activities",
                "COUNT": 12,
                "AVG(app.result_length)": 3.0,
                "MAX(app.result_length)": 3,
            }
        ],
    ),
}


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(("encoding", "suffix"), [("utf-8", "txt"), ("ascii", "ascii.txt")])
def test_a_result_is_drawn_as_it_was_seen_to_be_right(name: str, encoding: str, suffix: str) -> None:
    """At 80 columns without colour; with ASCII alone where the terminal has no more."""
    assert drawn(name, RESULTS[name], encoding=encoding) == (DRAWN / f"{name}.{suffix}").read_text()


def test_bars_over_time_have_their_time_and_value() -> None:
    """For a query without groups, a line for each part of the time."""
    counted = files.HoneycombQuery("count", "Count", "d", {"limit": 1, "time_range": 7200}, "graph")
    found = result("routes", [{"COUNT": 30}], [(0, {"COUNT": 10}), (60, {"COUNT": 20})])
    found = Result({**found.query, "breakdowns": []}, found.begin, found.end, found.rows, found.series)
    console = Console(file=io.StringIO(), width=60, highlight=False)
    with console.capture() as captured:
        for part in drawing.draw(counted, found):
            console.print(part)
    lines = captured.get().splitlines()
    assert lines[0] == "COUNT: 10 min each, 13:20 to 15:30 UTC"
    assert [line for line in lines[1:14] if "█" in line] == [
        "14:20  20  " + "█" * 49,
        "15:20  10  " + "█" * 24 + "▌",
    ]
    assert lines[-1] == "COUNT 30"


def test_colours_change_no_character() -> None:
    """Who has no colours loses nothing."""
    for name, found in RESULTS.items():
        coloured = drawn(name, found, force_terminal=True, color_system="standard", no_color=False)
        assert "\x1b[" in coloured
        stripped = drawn(name, found, force_terminal=True, color_system=None)
        assert stripped == drawn(name, found)


def test_nothing_is_drawn_of_nothing() -> None:
    """The summary line says that there are no rows."""
    assert all(drawn(name, result(name, [])) == "" for name in RESULTS)


TEXTS = st.text(max_size=60) | st.sampled_from(
    ["\x1b[31mred", "a\nb", "[bold]x[/bold]", "\u202eabc", "漢字" * 20]
)
NUMBERS = (
    st.none()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.booleans()
    | TEXTS
    | st.sampled_from([10**400, -(10**400), 1.7e308, 5e-324, [1, ["a"]], {"a": {"b": None}}, [], {}])
)
NAMES = TEXTS | st.none() | st.sampled_from([10**400, ["a"], {"a": 1}, [[]]])
BINS = st.sampled_from([0, 1, 2, 10, -10, 10**400, 1e300, 1e308, 1.7e308, 5e-324, 2**60, 1.5])
HEATMAPS = st.lists(st.fixed_dictionaries({"low": BINS, "high": BINS, "count": BINS}), max_size=3)


@given(
    st.sampled_from(sorted(RESULTS)),
    st.lists(
        st.tuples(NAMES, st.integers() | TEXTS | NAMES, NUMBERS | HEATMAPS, NUMBERS | HEATMAPS), max_size=15
    ),
    st.integers(60, 200),
)
def test_whatever_comes_is_drawn_within_the_width(
    name: str, values: list[tuple[Any, Any, Any, Any]], width: int
) -> None:
    """Nothing raises, no line is too long, nothing moves the cursor; an id is whole all the same."""
    empty = result(name, [])
    columns = [*empty.breakdowns, *empty.calculations, *empty.heatmaps]
    rows = [dict(zip(columns, (one[: len(empty.breakdowns)] + one[2:] * 2), strict=False)) for one in values]
    found = result(name, rows, [(place * 13 - 20, row) for place, row in enumerate(rows)])
    text = drawn(name, found, width=width)
    assert all(line.isprintable() for line in text.splitlines())
    if name != "slowest":
        assert all(cell_len(line) <= width for line in text.splitlines())


@pytest.mark.parametrize("value", [7, {}, [1], [{"low": 1}], [{"low": 2, "high": 1, "count": 1}], "x"])
def test_a_heatmap_of_another_form_is_said_to_be_one(value: object) -> None:
    """Honeycomb's own form is not known: nothing is drawn that may be wrong."""
    with pytest.raises(UnknownFormError):
        bins(value)
    found = result("heatmap", [{"COUNT": 1}], [(1, {"HEATMAP(duration_ms)": value})])
    assert "FORMAT=json shows it" in drawn("heatmap", found)


def test_a_group_that_is_a_list_has_its_line() -> None:
    """As one whose name is a number beyond all floats."""
    rows: list[dict[str, Any]] = [
        {"http.route": ["a", 1], "P90(duration_ms)": 10**400},
        {"http.route": 10**400, "COUNT": 1},
    ]
    found = result("p90", rows, [(1, {"http.route": ["a", 1], "P90(duration_ms)": 5})])
    text = drawn("p90", found)
    assert "['a', 1]" in text
    assert text.count("1.000e+400") == 3
    assert "█" in text
