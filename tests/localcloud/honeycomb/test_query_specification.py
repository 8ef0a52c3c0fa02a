"""Queries' specifications."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.query.errors import QueryError
from localcloud.honeycomb.query.model import Calculation, Filter, Query
from localcloud.honeycomb.query.operations import CALCULATIONS, COMPARISONS, FILTERS
from localcloud.honeycomb.query.specification import _MEMBERS, read
from localcloud.honeycomb.query.window import Window, usual_granularity, window

P99 = {"op": "P99", "column": "duration_ms"}


def problems(document: object) -> list[tuple[str, str]]:
    """Where a specification is wrong, and how."""
    with pytest.raises(QueryError) as caught:
        read(document)
    for problem in caught.value.problems:
        assert problem.description.startswith(f"{problem.field}: " if problem.field else "expected")
    return [(problem.field, problem.code) for problem in caught.value.problems]


def test_a_whole_query() -> None:
    """Everything that it says is in the stored form; AND and ascending are left out, as in Honeycomb's."""
    document = {
        "calculations": [P99, {"op": "COUNT"}],
        "filters": [
            {"column": "status_code", "op": "=", "value": 2},
            {"column": "name", "op": "in", "value": ["a", 1, True, 2.5]},
            {"column": "error", "op": "exists"},
        ],
        "filter_combination": "AND",
        "breakdowns": ["name"],
        "orders": [{"op": "COUNT", "order": "descending"}, {"column": "name", "order": "ascending"}, P99],
        "havings": [{"calculate_op": "P99", "column": "duration_ms", "op": ">", "value": 10}],
        "limit": 100,
        "granularity": 60,
        "time_range": 7200,
        "calculated_fields": [{"name": "slow", "expression": "GTE($duration_ms,100)"}],
        "compare_time_offset_seconds": 86_400,
        "usage_mode": True,
    }
    stored = read(document).to_document()
    expected = {name: value for name, value in document.items() if name != "filter_combination"}
    expected["orders"] = [{"op": "COUNT", "order": "descending"}, {"column": "name"}, P99]
    assert stored == expected
    assert read(stored) == read(document)


def test_an_empty_query_counts_two_hours() -> None:
    """Null is as good as nothing, and an id is passed over."""
    assert read({"limit": None, "calculations": None, "id": "abc"}) == Query()
    assert read({}).to_document() == {"calculations": [{"op": "COUNT"}], "time_range": 7200}
    assert read({"filter_combination": "OR"}).to_document()["filter_combination"] == "OR"


def test_names_in_results() -> None:
    """A calculation's label has its column."""
    assert Calculation("COUNT").label == "COUNT"
    assert Calculation("P99", "duration_ms").label == "P99(duration_ms)"


@pytest.mark.parametrize("op", CALCULATIONS)
def test_every_calculation(op: str) -> None:
    """COUNT and CONCURRENCY have no column, all others one; HEATMAP alone orders nothing."""
    one = {"op": op} if op in ("COUNT", "CONCURRENCY") else {"op": op, "column": "x"}
    assert read({"calculations": [one]}).to_document()["calculations"] == [one]
    wrong = {"op": op, "column": "x"} if "column" not in one else {"op": op}
    assert problems({"calculations": [wrong]}) == [
        ("calculations[0].column", "missing" if "column" in one else "invalid")
    ]
    having = {"calculate_op": op, **one, "op": ">", "value": 1}
    if op == "HEATMAP":
        assert problems({"calculations": [one], "orders": [one]}) == [("orders[0].op", "invalid")]
        assert problems({"calculations": [one], "havings": [having]}) == [
            ("havings[0].calculate_op", "invalid")
        ]
    else:
        read({"calculations": [one], "orders": [one], "havings": [having]})


@pytest.mark.parametrize("op", FILTERS)
def test_every_filter(op: str) -> None:
    """The exists pair takes no value, the in pair an array, those of texts a text."""

    def filtered(**value: Any) -> dict[str, Any]:
        return {"filters": [{"column": "x", "op": op, **value}]}

    if "exist" in op:
        assert read(filtered()).filters == (Filter("x", op),)
        assert problems(filtered(value=1)) == [("filters[0].value", "invalid")]
    elif op in ("in", "not-in"):
        assert read(filtered(value=["a", 1])).filters == (Filter("x", op, ("a", 1)),)
        assert problems(filtered(value="a")) == [("filters[0].value", "incorrect_type")]
        assert problems(filtered(value=[[]])) == [("filters[0].value", "incorrect_type")]
        assert problems(filtered(value=[1] * 101)) == [("filters[0].value", "invalid")]
    else:
        assert read(filtered(value="a")).filters == (Filter("x", op, "a"),)
        assert problems(filtered(value=["a"])) == [("filters[0].value", "incorrect_type")]
        assert problems(filtered()) == [("filters[0].value", "missing")]
        assert problems(filtered(value=None)) == [("filters[0].value", "missing")]
        if op in COMPARISONS:
            assert read(filtered(value=2**70)).filters == (Filter("x", op, 2.0**70),)
            assert problems(filtered(value=float("inf"))) == [("filters[0].value", "invalid")]
            assert problems(filtered(value=10**400)) == [("filters[0].value", "invalid")]
        else:
            assert problems(filtered(value=1)) == [("filters[0].value", "incorrect_type")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("", "incorrect_type")]),
        (None, [("", "incorrect_type")]),
        ({"calculation": []}, [("calculation", "invalid")]),
        ({"formulas": []}, [("formulas", "invalid")]),
        ({"calculations": [{"op": "COUNT", "name": "n"}]}, [("calculations[0].name", "invalid")]),
        ({"calculations": {}}, [("calculations", "incorrect_type")]),
        ({"calculations": [1]}, [("calculations[0]", "incorrect_type")]),
        ({"calculations": [{}]}, [("calculations[0].op", "missing")]),
        ({"calculations": [{"op": 1}]}, [("calculations[0].op", "incorrect_type")]),
        ({"calculations": [{"op": "count"}]}, [("calculations[0].op", "invalid")]),
        ({"calculations": [{"op": "MAX", "column": 1}]}, [("calculations[0].column", "incorrect_type")]),
        ({"calculations": [{"op": "MAX", "column": ""}]}, [("calculations[0].column", "invalid")]),
        ({"calculations": [{"op": "COUNT"}] * 101}, [("calculations", "invalid")]),
        ({"breakdowns": "name"}, [("breakdowns", "incorrect_type")]),
        (
            {"breakdowns": ["a", 1, "\ud800"]},
            [("breakdowns[1]", "incorrect_type"), ("breakdowns[2]", "invalid")],
        ),
        ({"breakdowns": ["a"] * 101}, [("breakdowns", "invalid")]),
        ({"filters": [{"column": "a", "op": "like", "value": 1}]}, [("filters[0].op", "invalid")]),
        ({"filters": [{"op": "exists"}]}, [("filters[0].column", "missing")]),
        ({"filter_combination": "XOR"}, [("filter_combination", "invalid")]),
        ({"orders": [{"column": "a"}]}, [("orders[0]", "invalid")]),
        ({"orders": [{"op": "COUNT", "order": "up"}]}, [("orders[0].order", "invalid")]),
        ({"orders": [{"op": "MAX", "column": "a"}]}, [("orders[0]", "invalid")]),
        (
            {"havings": [{"calculate_op": "COUNT"}]},
            [("havings[0].op", "missing"), ("havings[0].value", "missing")],
        ),
        (
            {"havings": [{"calculate_op": "MAX", "column": "a", "op": ">", "value": 1}]},
            [("havings[0].calculate_op", "invalid")],
        ),
        (
            {"havings": [{"calculate_op": "COUNT", "op": ">", "value": "1"}]},
            [("havings[0].value", "incorrect_type")],
        ),
        ({"limit": 0}, [("limit", "invalid")]),
        ({"limit": 1001}, [("limit", "invalid")]),
        ({"limit": 1.5}, [("limit", "incorrect_type")]),
        ({"limit": True}, [("limit", "incorrect_type")]),
        ({"time_range": 0}, [("time_range", "invalid")]),
        ({"time_range": 10**30}, [("time_range", "invalid")]),
        ({"time_range": 60, "granularity": 61}, [("granularity", "invalid")]),
        ({"time_range": 86_400, "granularity": 85}, [("granularity", "invalid")]),
        ({"time_range": 60, "start_time": 1, "end_time": 2}, [("time_range", "invalid")]),
        ({"start_time": 2, "end_time": 1}, [("start_time", "invalid")]),
        ({"start_time": "now"}, [("start_time", "incorrect_type")]),
        ({"compare_time_offset_seconds": 1_801}, [("compare_time_offset_seconds", "invalid")]),
        ({"compare_time_offset_seconds": 1_800}, [("compare_time_offset_seconds", "invalid")]),
        ({"usage_mode": 1}, [("usage_mode", "incorrect_type")]),
        ({"calculated_fields": [{"name": "a"}]}, [("calculated_fields[0].expression", "missing")]),
        (
            {"calculated_fields": [{"name": "a", "expression": "1"}] * 2},
            [("calculated_fields[1].name", "invalid")],
        ),
        (
            {"calculated_fields": [{"name": "a", "expression": "1" * 4_096}]},
            [("calculated_fields[0].expression", "invalid")],
        ),
        ({"limit": 0, "breakdowns": 1}, [("breakdowns", "incorrect_type"), ("limit", "invalid")]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(document: object, expected: list[tuple[str, str]]) -> None:
    """All of it at once."""
    assert problems(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, Window(92_801, 100_001, 60)),
        ({"time_range": 600}, Window(99_401, 100_001, 5)),
        ({"time_range": 600, "start_time": 50}, Window(50, 650, 5)),
        ({"time_range": 600, "end_time": 1_000}, Window(400, 1_000, 5)),
        ({"time_range": 600, "end_time": 100}, Window(0, 100, 5)),
        ({"start_time": 100, "end_time": 160, "granularity": 7}, Window(100, 160, 7)),
        ({"start_time": 100}, Window(100, 7_300, 60)),
        ({"end_time": 8_000}, Window(800, 8_000, 60)),
    ],
)
def test_the_time_that_a_query_looks_at(document: dict[str, Any], expected: Window) -> None:
    """Any two of start, end and length; without either end it ends with the second that has begun."""
    assert window(read(document), 100_000_999_999_999) == expected


def test_truncated_windows() -> None:
    """Both ends go back to a whole minute, five minutes or half an hour, by the window's length."""
    assert Window(59, 659, 5).truncated() == Window(0, 600, 5)
    assert Window(1_000, 30_000, 5).truncated() == Window(900, 30_000, 5)
    assert Window(1_000, 300_000, 5).truncated() == Window(0, 298_800, 5)
    assert Window(1, 900_000, 5).truncated() == Window(1, 900_000, 5)


@given(st.integers(1, 2**33))
def test_parts_of_the_time_are_some_hundred_at_most(seconds: int) -> None:
    """However long it is."""
    assert 0 < -(-seconds // usual_granularity(seconds)) <= 120


NAMES = [*_MEMBERS, "op", "column", "value", "calculate_op", "order", "name", "expression", "unknown"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner | st.sampled_from(["COUNT", "P99", "=", "in", "exists", "descending"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_document_is_a_query_or_has_problems(document: object) -> None:
    """And a query's stored form is the same query."""
    try:
        query = read(document)
    except QueryError as error:
        assert error.problems != []  # noqa: PT017 - a document may be right, too
    else:
        assert read(query.to_document()) == query
