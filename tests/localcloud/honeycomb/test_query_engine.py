"""Queries over stored events."""

import json
import math
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud.honeycomb.events import Event
from localcloud.honeycomb.query import running, size
from localcloud.honeycomb.query.engine import run
from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.heatmaps import BINS_MAX, bin_of, bins_for
from localcloud.honeycomb.query.model import CalculatedField
from localcloud.honeycomb.query.operations import CALCULATIONS, COMPARISONS, FILTERS, PERCENTILES
from localcloud.honeycomb.query.specification import read
from localcloud.honeycomb.store import EventStore, layout, tables

from . import plain

NOW = 1_700_000_000
"""Seconds; the windows of these tests end a second later."""


@pytest.fixture(autouse=True, scope="module")
def _small_scale() -> Iterator[None]:
    """What is in fewer than half of the events is rare, and any two segments are joined."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "RARE", 2)
        patch.setattr(tables, "JOINED_AT_ONCE", 2)
        yield


def store_of(*parts: list[Event], joined: bool = False) -> EventStore:
    """A store to which each part was added, and taken in, one after the other."""
    store = EventStore(clock=lambda: NOW * 10**9)
    for part in parts:
        store.add(part)
        store.flush()
    if joined:
        store.compact()
    return store


def event(seconds_ago: float = 0, rate: int = 1, dataset: str = "web", **fields: Any) -> Event:
    """An event before now."""
    return Event(dataset, NOW * 10**9 - round(seconds_ago * 10**9), rate, fields)


def with_one(column: str) -> Event:
    """An event whose field of this name is 1."""
    fields: dict[str, Any] = {column: 1}
    return event(**fields)


def results(store: EventStore, dataset: str = "web", **query: Any) -> list[dict[str, Any]]:
    """What a query answers, without series."""
    found = run(store, dataset, read(query), now=NOW * 10**9, disable_series=True)
    assert found.series == []
    return [row["data"] for row in found.results]


def calculation(op: str, column: str | None = None) -> dict[str, Any]:
    """A calculation, in the API's form."""
    return {"op": op} if column is None else {"op": op, "column": column}


TAME = st.one_of(st.integers(-4, 4), st.integers(-16, 16).map(lambda quarters: quarters / 4))
WILD = st.one_of(
    st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63), 1e300, -1e300, 0.1, 1e-7, 5.0, math.nan, math.inf]),
    TAME,
    st.booleans(),
    st.sampled_from(
        ["", "a", "ab", "ba", "é", "\U0001f600", "\ue000", "5", "0.1", "true", "1e300", "-1", "a\0b"]
    ),
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "route": st.sampled_from(["/", "/a", "/b"]),
        "duration_ms": st.one_of(TAME.map(lambda value: abs(value) * 7000), st.just("slow")),
        "tame": st.one_of(TAME, st.sampled_from(["x", True])),
        "wild": WILD,
        "rare name; DROP TABLE events --": WILD,
    },
)
EVENTS = st.builds(
    Event,
    dataset=st.sampled_from(["web", "web", "WEB", "other"]),
    time=st.integers(-200 * 8, 20).map(lambda eighths: NOW * 10**9 + eighths * 125_000_000),
    sample_rate=st.sampled_from([1, 1, 3, 10]),
    fields=FIELDS,
)
COLUMNS = st.sampled_from(["route", "duration_ms", "tame", "wild", "rare name; DROP TABLE events --"])
NUMBERS = st.sampled_from(["tame", "duration_ms"])
ALL_COLUMNS: dict[str, Any] = dict.fromkeys(
    ["route", "duration_ms", "tame", "wild", "rare name; DROP TABLE events --"], 0
)


@st.composite
def calculations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Calculations of all kinds but heatmaps, over numbers whose sums are exact."""
    ops = draw(st.lists(st.sampled_from([op for op in CALCULATIONS if op != "HEATMAP"]), max_size=4))
    found = []
    for op in ops:
        if op in ("COUNT", "CONCURRENCY"):
            found.append(calculation(op))
        elif op in ("COUNT_DISTINCT", "MIN", "MAX", *PERCENTILES):
            found.append(calculation(op, draw(COLUMNS)))
        else:
            found.append(calculation(op, draw(NUMBERS)))
    return found


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    """A filter with each of the operators."""
    op = draw(st.sampled_from(FILTERS))
    one: dict[str, Any] = {"op": op, "column": draw(COLUMNS)}
    finite = WILD.filter(lambda value: not isinstance(value, float) or math.isfinite(value))
    if op in ("in", "not-in"):
        one["value"] = draw(st.lists(finite, max_size=3))
    elif op.endswith(("-with", "contains", "contain")):
        one["value"] = draw(st.sampled_from(["", "a", "/", "b", "é", "%", "_"]))
    elif "exist" not in op:
        one["value"] = draw(finite)
    return one


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """A query in the API's form, over the last 100 seconds or a part of them."""
    chosen = draw(calculations())
    exact = [one for one in chosen if one["op"] != "CONCURRENCY" and not one["op"].startswith("RATE")]
    breakdowns = draw(st.lists(COLUMNS, max_size=2))
    terms = [*exact, *({"column": name} for name in breakdowns)]
    orders = draw(st.lists(st.sampled_from(terms), max_size=2)) if terms else []
    havings = draw(st.lists(st.sampled_from(exact), max_size=1)) if exact else []
    return {
        "calculations": chosen,
        "breakdowns": breakdowns,
        "filters": draw(st.lists(filters(), max_size=3)),
        "filter_combination": draw(st.sampled_from(["AND", "OR"])),
        "orders": [
            one | draw(st.sampled_from([{}, {"order": "ascending"}, {"order": "descending"}]))
            for one in orders
        ],
        "havings": [
            {
                "calculate_op": one["op"],
                **({"column": one["column"]} if "column" in one else {}),
                "op": draw(st.sampled_from(COMPARISONS)),
                "value": draw(st.sampled_from([0, 1, 2.5, 10])),
            }
            for one in havings
        ],
        "limit": draw(st.sampled_from([1, 2, 1000])),
        "granularity": draw(st.sampled_from([1, 7, 30])),
        "usage_mode": draw(st.booleans()),
        **draw(
            st.sampled_from(
                [
                    {"time_range": 100},
                    {"start_time": NOW - 150, "end_time": NOW - 31},
                    {"end_time": NOW - 5, "time_range": 70},
                ]
            )
        ),
    }


def like(found: Any, expected: Any) -> bool:
    """Whether two rows have the same members, and values that are equal but for rounding."""
    return (
        set(found) == set(expected)
        and all(
            type(found[name]) is type(value) if isinstance(value, bool | str) else True
            for name, value in expected.items()
        )
        and all(
            found[name] == value
            or (isinstance(value, float) and math.isclose(found[name], value, rel_tol=1e-9, abs_tol=1e-6))
            for name, value in expected.items()
        )
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(EVENTS, max_size=12), min_size=1, max_size=3), queries(), st.booleans())
def test_sql_answers_what_a_plain_evaluation_does(
    parts: list[list[Event]], document: dict[str, Any], joined: bool
) -> None:
    """Whatever the events, however they are stored, and whatever the query asks of them."""
    store = store_of(*parts, [event(dataset="web", rate=1, **ALL_COLUMNS)], joined=joined)
    try:
        query = read(document)
        found = run(store, "web", query, now=NOW * 10**9)
        end = query.end_time or NOW + 1
        window = (query.start_time or end - query.duration, end)
        events = [one for part in parts for one in part if one.dataset.lower() == "web"]
        events = [
            Event(one.dataset, min(one.time, NOW * 10**9), one.sample_rate, one.fields) for one in events
        ]
        events.append(event(**ALL_COLUMNS))
        rows, series = plain.answer(query, events, window, query.granularity or 0, query.limit or 0)
    finally:
        store.close()
    got = [row["data"] for row in found.results]
    assert len(got) == len(rows), (got, rows)
    assert all(like(*pair) for pair in zip(got, rows, strict=True)), (got, rows)
    points = [(datetime.fromisoformat(point["time"]).timestamp(), point["data"]) for point in found.series]
    assert [at for at, _ in points] == [at for at, _ in series], (points, series)
    assert all(like(mine[1], other[1]) for mine, other in zip(points, series, strict=True)), (points, series)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=15), st.sampled_from(["tame", "duration_ms", "wild"]), st.booleans())
def test_a_heatmap_counts_each_number_once(events: list[Event], column: str, joined: bool) -> None:
    """In the bin that it lies in, by its sample rate; the bins of all parts of the time add up to all."""
    store = store_of(events, [with_one(column)], joined=joined)
    query = read({"calculations": [calculation("HEATMAP", column)], "time_range": 100, "granularity": 30})
    try:
        found = run(store, "web", query, now=NOW * 10**9)
    finally:
        store.close()
    label = f"HEATMAP({column})"
    (row,) = found.results
    bins = row["data"][label]
    numbers = [
        (float(one.fields[column]), one.sample_rate)
        for one in [*events, with_one(column)]
        if one.dataset.lower() == "web"
        and one.time > (NOW - 99) * 10**9 - 1
        and plain.is_number(one.fields.get(column))
    ]
    assert sum(one["count"] for one in bins) == sum(rate for _, rate in numbers)
    for one in bins:
        inside = sum(rate for number, rate in numbers if one["low"] <= number < one["high"])
        assert inside == one["count"], (bins, numbers)
    assert len(bins) <= 50
    assert [one["low"] for one in bins] == sorted(one["low"] for one in bins)
    over_time: dict[float, int] = {}
    for point in found.series:
        for one in point["data"].get(label, []):
            over_time[one["low"]] = over_time.get(one["low"], 0) + one["count"]
    assert over_time == {one["low"]: one["count"] for one in bins}


REQUESTS = [
    event(seconds, route=route, duration_ms=duration, rate=rate)
    for seconds, route, duration, rate in [
        (70, "/", 10.0, 1),
        (50, "/", 20.0, 1),
        (40, "/a", 300, 1),
        (10, "/", 30.5, 1),
        (5, "/a", 400, 3),
    ]
]


def test_the_first_look() -> None:
    """Requests and P99 by route, the slowest first; whole numbers have no point."""
    found = results(
        store_of(REQUESTS),
        calculations=[
            calculation("P99", "duration_ms"),
            calculation("COUNT"),
            calculation("AVG", "duration_ms"),
        ],
        breakdowns=["route"],
        orders=[{"op": "P99", "column": "duration_ms", "order": "descending"}],
    )
    assert found == [
        {"route": "/a", "P99(duration_ms)": 400, "COUNT": 4, "AVG(duration_ms)": 375},
        {"route": "/", "P99(duration_ms)": 30.5, "COUNT": 3, "AVG(duration_ms)": 60.5 / 3},
    ]


def test_a_series_has_a_point_for_each_group_and_part_of_the_time() -> None:
    """Parts begin at whole multiples of their length; those without events are left out."""
    query = read({"breakdowns": ["route"], "granularity": 60, "time_range": 600})
    found = run(store_of(REQUESTS), "web", query, now=NOW * 10**9)
    assert found.series == [
        {"time": "2023-11-14T22:12:00Z", "data": {"route": "/a", "COUNT": 1}},
        {"time": "2023-11-14T22:12:00Z", "data": {"route": "/", "COUNT": 2}},
        {"time": "2023-11-14T22:13:00Z", "data": {"route": "/a", "COUNT": 3}},
        {"time": "2023-11-14T22:13:00Z", "data": {"route": "/", "COUNT": 1}},
    ]


def test_usage_mode_counts_what_is_stored() -> None:
    """Not what it stands for."""
    store = store_of(REQUESTS)
    assert results(store, usage_mode=True) == [{"COUNT": 5}]
    assert results(store) == [{"COUNT": 7}]


def test_nothing_found_is_no_group() -> None:
    """Not one of zero events."""
    assert results(store_of(REQUESTS), filters=[{"column": "route", "op": "=", "value": "/none"}]) == []
    assert results(store_of(REQUESTS), dataset="empty") == []
    assert results(store_of()) == []


def test_all_datasets_are_asked_at_once() -> None:
    """By the slug that stands for the environment; any other one asks for its own."""
    store = store_of([event(1, dataset="web"), event(2, dataset="My jobs!", queue="mail"), event(3)])
    assert results(store, "__all__") == [{"COUNT": 3}]
    assert results(store, "my-jobs-", breakdowns=["queue"]) == [{"queue": "mail", "COUNT": 1}]
    assert results(store, "__all__", breakdowns=["queue"]) == [{"COUNT": 2}, {"queue": "mail", "COUNT": 1}]
    with pytest.raises(QueryFailed, match="unknown column: queue"):
        results(store, "web", breakdowns=["queue"])


@pytest.mark.parametrize(
    "query",
    [
        {"breakdowns": ["none"]},
        {"calculations": [calculation("MAX", "none")]},
        {"filters": [{"column": "none", "op": "exists"}]},
        {"breakdowns": ["x"], "calculated_fields": [{"name": "x", "expression": "$none"}]},
        {
            "breakdowns": ["y"],
            "calculated_fields": [{"name": name, "expression": f"${name}"} for name in ("none", "y")]
            + [{"name": "z", "expression": "1"}],
        },
    ],
)
def test_a_column_that_no_event_has_had_fails_the_query(query: dict[str, Any]) -> None:
    """With its name; unless it is known to be one."""
    with pytest.raises(QueryFailed, match=r"unknown column: (none|y); no event of web has had it"):
        results(store_of(REQUESTS), **query)
    run(store_of(REQUESTS), "web", read(query), now=NOW * 10**9, known_columns={"none", "y"})


def test_concurrency_needs_a_duration() -> None:
    """It is taken from duration_ms."""
    with pytest.raises(QueryFailed, match="unknown column: duration_ms"):
        results(store_of([event(1)]), calculations=[calculation("CONCURRENCY")])


def test_derived_columns_are_calculated_fields_of_every_query() -> None:
    """A query's own field of the same name goes before; those that aren't asked for don't matter."""
    derived = [
        CalculatedField("kind", 'IF($duration_ms > 100, "slow", "fast")'),
        CalculatedField("broken", "NONE($x)"),
    ]
    query = read({"breakdowns": ["kind"]})
    found = run(store_of(REQUESTS), "web", query, now=NOW * 10**9, derived_columns=derived)
    assert [row["data"] for row in found.results] == [
        {"kind": "slow", "COUNT": 4},
        {"kind": "fast", "COUNT": 3},
    ]
    query = read({"breakdowns": ["kind"], "calculated_fields": [{"name": "kind", "expression": "1"}]})
    found = run(store_of(REQUESTS), "web", query, now=NOW * 10**9, derived_columns=derived)
    assert [row["data"] for row in found.results] == [{"kind": 1, "COUNT": 7}]
    with pytest.raises(QueryFailed, match="calculated field broken: invalid function: NONE"):
        run(
            store_of(REQUESTS),
            "web",
            read({"breakdowns": ["broken"]}),
            now=NOW * 10**9,
            derived_columns=derived,
        )


def test_a_limit_counts_where_there_is_no_series() -> None:
    """Then instead of the query's own; a query without one gets 100 groups."""
    store = store_of([event(1, number=number) for number in range(1_500)])

    def count(limit: int | None, *, disable_series: bool, own: int | None = None) -> int:
        found = run(
            store,
            "web",
            read({"breakdowns": ["number"], "limit": own}),
            now=NOW * 10**9,
            disable_series=disable_series,
            limit=limit,
        )
        return len(found.results)

    assert count(None, disable_series=False) == 100
    assert count(1_200, disable_series=False) == 100
    assert count(1_200, disable_series=True, own=5) == 1_200
    assert count(20_000, disable_series=True) == 1_500
    assert count(None, disable_series=True, own=5) == 5


def test_the_window_can_be_truncated_as_the_real_one_is() -> None:
    """To whole minutes, so that the last events may be missed."""
    query = read({"time_range": 120})
    found = run(store_of(REQUESTS), "web", query, now=NOW * 10**9, truncate=True)
    assert [row["data"] for row in found.results] == [{"COUNT": 3}]


def test_a_query_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails, as Honeycomb's do, and the next one works."""
    store = store_of([event(60, duration_ms=10**9) for _ in range(3_000)])
    query = read({"calculations": [calculation("CONCURRENCY")], "time_range": 1_000, "granularity": 1})
    monkeypatch.setattr(running, "SECONDS_MAX", 0.0)
    with pytest.raises(QueryFailed, match="timed out"):
        run(store, "web", query, now=NOW * 10**9)
    monkeypatch.setattr(running, "SECONDS_MAX", 0.05)
    with (
        store.reading() as view,
        running.Deadline(view.cursor) as deadline,
        pytest.raises(QueryFailed, match="timed out"),
    ):
        deadline.rows("SELECT count(*) FROM range(1000000000000)", {})
    monkeypatch.undo()
    assert len(run(store, "web", query, now=NOW * 10**9).series) == 61


def test_a_series_of_too_many_values_fails_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message says what helps."""
    monkeypatch.setattr(running, "SERIES_MAX", 3)
    with pytest.raises(QueryFailed, match="more than 3 values"):
        run(store_of(REQUESTS), "web", read({"granularity": 1, "time_range": 100}), now=NOW * 10**9)


def test_a_sum_beyond_64_bit_floats_fails_the_query() -> None:
    """JSON has no infinity."""
    store = store_of([event(1, big=1e308), event(2, big=1e308)])
    with pytest.raises(QueryFailed, match=r"SUM\(big\) is greater than a 64-bit float can hold"):
        results(store, calculations=[calculation("SUM", "big")])


def test_rates_are_changes_from_part_to_part() -> None:
    """Of the calculation in each; over the whole time it is their mean."""
    store = store_of(
        [event(60 * ago, counter=value) for ago, value in [(4, 100), (3, 150), (1, 120), (0, 130)]]
    )
    query = read({"calculations": [calculation("RATE_MAX", "counter")], "granularity": 60, "time_range": 600})
    found = run(store, "web", query, now=NOW * 10**9)
    assert [point["data"].get("RATE_MAX(counter)") for point in found.series] == [None, 50, -30, 10]
    assert [row["data"] for row in found.results] == [{"RATE_MAX(counter)": 10}]


def test_concurrency_is_how_many_spans_run_on_average() -> None:
    """In each part of the time that they run through, though none begins in it."""
    store = store_of([event(160, duration_ms=90_000, rate=2), event(100, duration_ms=30_000)])
    query = read(
        {
            "calculations": [calculation("CONCURRENCY")],
            "granularity": 60,
            "start_time": NOW - 260,
            "end_time": NOW - 20,
        }
    )
    found = run(store, "web", query, now=NOW * 10**9)
    assert [point["data"]["CONCURRENCY"] for point in found.series] == [
        2 * 20 / 60,
        2 + 20 / 60,
        2 * 10 / 60 + 10 / 60,
    ]
    assert found.results == [{"data": {"CONCURRENCY": (2 * 90 + 30) / 240}}]


@settings(deadline=None)
@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.floats(0, 1))
def test_a_value_is_within_the_bounds_of_its_bin(one: float, other: float, share: float) -> None:
    """Whatever is the least and the greatest value, and also where that is a bound itself."""
    least, greatest = min(one, other), max(one, other)
    bins = bins_for(least, greatest)
    value = min(max(least, least + share * (greatest - least)), greatest)
    for number in (least, value, greatest, *(bound for bound in bins.bounds if least <= bound <= greatest)):
        place = bin_of(number, bins.width) - bins.first
        assert bins.bounds[place] <= number < bins.bounds[place + 1]
    assert bin_of(greatest, bins.width) - bin_of(least, bins.width) < BINS_MAX


@pytest.mark.parametrize("decimals", [1, 2])
def test_decimals_on_the_bounds_of_bins_are_in_the_upper_one(decimals: int) -> None:
    """0.3, 0.6 and 2.3 too, whose quotients by 0.1 are rounded down."""
    values = [number / 10**decimals for number in range(50)]
    store = store_of([event(1, x=value) for value in values])
    (row,) = results(store, calculations=[calculation("HEATMAP", "x")])
    assert [(one["low"], one["count"]) for one in row["HEATMAP(x)"]] == [(value, 1) for value in values]


def test_the_greatest_floats_have_bins() -> None:
    """Bounds beyond them are shown as the greatest, which JSON can have."""
    store = store_of([event(1, x=value) for value in (sys.float_info.max, -sys.float_info.max)])
    (row,) = results(store, calculations=[calculation("HEATMAP", "x")])
    assert [one["count"] for one in row["HEATMAP(x)"]] == [1, 1]
    json.dumps(row, allow_nan=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, max_size=15), st.integers(0, 3_000))
def test_a_result_is_never_longer_than_it_may_be(
    monkeypatch: pytest.MonkeyPatch, events: list[Event], most: int
) -> None:
    """As JSON; it fails before."""
    store = store_of(events, [event(**ALL_COLUMNS)])
    document = {
        "calculations": [{"op": "COUNT"}, calculation("HEATMAP", "tame"), calculation("SUM", "wild")],
        "breakdowns": [*ALL_COLUMNS],
        "time_range": 100,
        "granularity": 30,
    }
    with monkeypatch.context() as patch:
        patch.setattr(size, "RESULT_MAX_BYTES", most)
        try:
            found = run(store, "web", read(document), now=NOW * 10**9)
        except QueryFailed as error:
            assert "the result has more than" in str(error)  # noqa: PT017 - it may well not be raised
        else:
            assert len(json.dumps([found.results, found.series])) <= most + 200
        finally:
            store.close()


def test_bins_of_a_heatmap_have_usual_widths() -> None:
    """At most fifty, all of one width."""
    store = store_of([event(1, x=value) for value in (0.1, 3, 17, 17.5, 98)])
    ((row),) = results(store, calculations=[calculation("HEATMAP", "x")])
    assert row == {
        "HEATMAP(x)": [
            {"low": 0, "high": 2, "count": 1},
            {"low": 2, "high": 4, "count": 1},
            {"low": 16, "high": 18, "count": 2},
            {"low": 98, "high": 100, "count": 1},
        ]
    }
    assert results(store_of([event(1, x="text")]), calculations=[calculation("HEATMAP", "x")]) == [{}]
