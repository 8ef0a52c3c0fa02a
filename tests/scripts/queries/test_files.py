"""The queries' files: those of the checkout are right, and what is wrong in one is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.query.errors import QueryError
from localcloud.honeycomb.query.specification import read
from scripts.errors import OperatorError
from scripts.queries import files, specification
from scripts.queries.filters import check

if TYPE_CHECKING:
    from pathlib import Path

P99: dict[str, Any] = {
    "name": "P99",
    "description": "d",
    "query": {"calculations": [{"op": "P99", "column": "duration_ms"}], "limit": 10, "time_range": 600},
    "style": "graph",
}
SLOW: dict[str, Any] = {"name": "Slow", "description": "d", "filter": "responsetime > 1", "time_range": 600}
QUERIES = files.load()


def refusal(folder: Path, part: str, name: str, text: str | bytes) -> str:
    """Return what is said of a file with this text."""
    file = folder / part / name
    file.parent.mkdir()
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OperatorError) as caught:
        files.load(folder)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_what_people_look_at_first_is_there() -> None:
    """Each of the first looks has its name."""
    honeycomb = {"routes", "p90", "p99", "heatmap", "result-length", "received-date", "errors", "slowest"}
    assert set(QUERIES) == honeycomb | {"status-200", "faults", "slow", "user"}


@pytest.mark.parametrize("name", [name for name, one in QUERIES.items() if one.service == "Honeycomb"])
def test_a_query_of_honeycomb_is_one(name: str) -> None:
    """The local Honeycomb, which checks all that its API documents, takes it as it stands in the file."""
    query = QUERIES[name]
    assert isinstance(query, files.HoneycombQuery)
    kept = read(query.query).to_document()
    assert {**kept, **query.query} == kept


@pytest.mark.parametrize("name", [name for name, one in QUERIES.items() if one.service == "X-Ray"])
def test_a_query_of_xray_is_a_filter_expression(name: str) -> None:
    """With a user in the place of the user."""
    query = QUERIES[name]
    assert isinstance(query, files.XRayQuery)
    check(query.filter.replace(files.USER, '"alice"'))


@pytest.mark.parametrize("name", [name for name, one in QUERIES.items() if one.service == "Honeycomb"])
def test_span_events_and_links_are_not_counted(name: str) -> None:
    """They are events of their own at Honeycomb: each query takes spans alone, or the server's alone."""
    query = QUERIES[name]
    assert isinstance(query, files.HoneycombQuery)
    spans = [
        {"column": "span.kind", "op": "=", "value": "server"},
        {"column": "trace.span_id", "op": "exists"},
    ]
    assert any(one in query.query["filters"] for one in spans)
    assert query.query.get("filter_combination", "AND") == "AND"


def test_an_unknown_name_is_told_what_there_is() -> None:
    """Every name, to be copied."""
    with pytest.raises(OperatorError) as caught:
        files.find(QUERIES, "p95")
    assert "'p95'" in str(caught.value)
    assert all(name in str(caught.value) for name in QUERIES)


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    """The place is named."""
    text = '{\n  "name": "P99",\n  "query": {"limit": }\n}'
    assert "line 3, column 22" in refusal(tmp_path, "honeycomb", "p99.json", text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no JSON object"),
        ("[" * 100_000, "recursion"),
        (b"\xff{}", "byte 0 is no UTF-8"),
        ('{"name": "a", "name": "b"}', "'name' stands twice"),
        ("{}", "name is missing; description is missing; query is missing; style is missing"),
        (json.dumps({**P99, "styl": "graph"}), "'styl' is not known"),
        (json.dumps({**P99, "style": "pie"}), "style is 'pie', expected graph, table, combo"),
        (json.dumps({**P99, "name": 7}), "name is 7, expected text"),
        (json.dumps({**P99, "name": "x" * 81}), "name has 81 characters, expected 1 to 80"),
        (json.dumps({**P99, "description": ""}), "description has 0 characters"),
    ],
)
def test_a_file_of_another_form(tmp_path: Path, text: str | bytes, words: str) -> None:
    """What is wrong, and what was expected."""
    assert words in refusal(tmp_path, "honeycomb", "p99.json", text)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"calculation": []}, "query has no 'calculation'"),
        ({"calculations": {}}, "query.calculations is {}, expected a list"),
        ({"calculations": [{"op": "P98", "column": "x"}]}, "query.calculations[0] is {'op': 'P98'"),
        ({"calculations": ["COUNT"]}, "query.calculations[0] is 'COUNT'"),
        ({"calculations": [{"op": "COUNT", "column": "x"}]}, "COUNT takes no column"),
        ({"calculations": [{"op": "MAX"}]}, "MAX takes a column"),
        ({"filters": [{"column": "a", "op": "~"}]}, "query.filters[0] is"),
        ({"filters": [{"column": "a", "op": "exists", "value": 1}]}, "exists takes no value"),
        ({"filters": [{"column": "a", "op": "="}]}, "= takes a value"),
        ({"filters": [{"column": "a", "op": "in", "value": 1}]}, "a list goes with in and not-in"),
        ({"breakdowns": [1]}, "query.breakdowns[0] is 1"),
        ({"orders": [{"op": "COUNT"}]}, "query.orders[0] is"),
        ({"orders": [{"op": "P99", "column": "duration_ms", "order": "down"}]}, "query.orders[0].order is"),
        ({"filter_combination": "XOR"}, "expected AND or OR"),
        ({"filter_combination": ["AND"]}, "query.filter_combination is ['AND'], expected text"),
        ({"orders": [{"op": "COUNT", "column": [1]}]}, "query.orders[0] is {'op': 'COUNT', 'column': [1]}"),
        ({"orders": [{"op": {}, "column": "a"}]}, "query.orders[0] is {'op': {}"),
        ({"orders": [7]}, "query.orders[0] is 7"),
        ({"orders": [{"order": "ascending"}]}, "query.orders[0] is {'order': 'ascending'}"),
        ({"orders": [{"op": "P99", "column": "duration_ms", "order": []}]}, "query.orders[0].order is []"),
        ({"orders": [{"op": "P99", "column": "duration_ms"}] * 2}, "query.orders[1] is there twice"),
        ({"orders": [{"op": "P99", "column": "duration_ms", "by": 1}]}, "query.orders[0] has no 'by'"),
        (
            {
                "calculations": [{"op": "HEATMAP", "column": "d"}],
                "orders": [{"op": "HEATMAP", "column": "d"}],
            },
            "query.orders[0]: HEATMAP can't be ordered by",
        ),
        ({"calculations": [{"op": ["P99"], "column": "a"}]}, "query.calculations[0] is {'op': ['P99']"),
        ({"calculations": [{"op": "P99", "column": ["a"]}]}, "query.calculations[0].column is ['a']"),
        ({"calculations": [{"op": "P99", "column": 5}]}, "query.calculations[0].column is 5"),
        ({"calculations": [{"op": "COUNT"}, {"op": "COUNT"}]}, "query.calculations[1] is there twice"),
        ({"calculations": [{"op": "COUNT"}] * 101}, "query.calculations has 101 items, expected 100"),
        ({"calculations": [{"op": "COUNT", "colum": "a"}]}, "query.calculations[0] has no 'colum'"),
        ({"filters": [{"column": 5, "op": "="}]}, "query.filters[0] is {'column': 5"),
        ({"filters": [{"column": "a", "op": ["="], "value": 1}]}, "query.filters[0] is"),
        ({"filters": [{"column": "a", "op": "=", "value": {}}]}, "the value of = is {}"),
        ({"filters": [{"column": "a", "op": "=", "value": float("nan")}]}, "the value of = is nan"),
        ({"filters": [{"column": "a", "op": "=", "value": 10**400}]}, "the value of = is 1000"),
        ({"filters": [{"column": "a", "op": "in", "value": [[]]}]}, "the value of in is [[]]"),
        ({"filters": [{"column": "a", "op": "in", "value": [1] * 101}]}, "the value of in has 101 items"),
        (
            {"filters": [{"column": "a", "op": "contains", "value": 1}]},
            "contains is 1, expected text",
        ),
        ({"filters": [{"column": "a\ud800", "op": "exists"}]}, "query.filters[0] is"),
        ({"breakdowns": ["a", "a"]}, "query.breakdowns[1] is there twice"),
        ({"breakdowns": [["a"]]}, "query.breakdowns[0] is ['a']"),
        ({"havings": ["x"]}, "query.havings[0] is 'x', expected a calculate_op of"),
        ({"havings": [{"calculate_op": "HEATMAP", "column": "a"}]}, "query.havings[0] is {'calculate_op'"),
        (
            {"havings": [{"calculate_op": "MAX", "op": ">", "value": 1}]},
            "havings[0]: MAX takes a column",
        ),
        (
            {"havings": [{"calculate_op": "MAX", "column": "a", "op": ">", "value": 1}]},
            "query.havings[0] is {'calculate_op': 'MAX', 'column': 'a', 'op': '>', 'value': 1}, expected one",
        ),
        (
            {"havings": [{"calculate_op": "P99", "column": "duration_ms", "op": "in", "value": "1"}]},
            "query.havings[0].op is 'in'",
        ),
        (
            {"havings": [{"calculate_op": "P99", "column": "duration_ms", "op": ">", "value": "1"}]},
            "query.havings[0].value is '1', expected a number",
        ),
        ({"calculated_fields": [5]}, "query.calculated_fields[0] is 5, expected a name and an expression"),
        (
            {"calculated_fields": [{"name": "a", "expression": "EXISTS($b)"}] * 2},
            "query.calculated_fields[1] is there twice",
        ),
        (
            {"calculated_fields": [{"name": "a", "expression": "x" * 4096}]},
            "query.calculated_fields[0].expression has 4096 characters",
        ),
        ({"granularity": -5}, "query.granularity is -5, expected 1 to 600, by time_range"),
        ({"granularity": 601}, "query.granularity is 601, expected 1 to 600"),
        ({"granularity": 6, "time_range": 86400}, "query.granularity is 6, expected 86 to 86400"),
        ({"granularity": 1.5}, "query.granularity is 1.5, expected a whole number"),
        ({"time_range": 10**30}, "query.time_range is 1000"),
        ({"limit": float("nan")}, "query.limit is nan"),
        ({"limit": 1001}, "query.limit is 1001, expected 1 to 1000"),
        ({"limit": True}, "query.limit is True, expected a whole number"),
        ({"time_range": 59}, "query.time_range is 59"),
        ({"time_range": None}, "query.time_range is missing"),
    ],
)
def test_a_query_of_another_form(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    """The member is named."""
    text = json.dumps({**P99, "query": {**P99["query"], **changed}})
    assert words in refusal(tmp_path, "honeycomb", "p99.json", text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_OPS = st.sampled_from(["COUNT", "P99", "HEATMAP", "MAX", "=", "in", "exists", "contains", ">"])
_COLUMNS = st.sampled_from(["a", "b", ""])
_ITEMS = st.one_of(
    _JSON,
    _COLUMNS,
    st.fixed_dictionaries(
        {},
        optional={
            "op": _OPS | _JSON,
            "calculate_op": _OPS | _JSON,
            "column": _COLUMNS | _JSON,
            "value": _JSON,
            "order": st.sampled_from(["ascending", "descending"]) | _JSON,
            "name": _COLUMNS | _JSON,
            "expression": _JSON | st.just("EXISTS($a)"),
        },
    ),
)
_LISTS = ("calculations", "filters", "breakdowns", "orders", "havings", "calculated_fields")


@given(
    st.fixed_dictionaries(
        {"limit": st.just(10), "time_range": st.just(600)},
        optional={
            **{name: st.lists(_ITEMS, max_size=3) | _JSON for name in _LISTS},
            "granularity": st.integers(-1, 700) | _JSON,
            "filter_combination": st.sampled_from(["AND", "OR"]) | _JSON,
            "usage_mode": st.booleans() | _JSON,
        },
    )
)
def test_any_json_is_judged(query: dict[str, Any]) -> None:
    """Nothing raises, and what is found right is what Honeycomb takes; it reads expressions itself."""
    if not list(specification.problems(query)):
        try:
            read({name: value for name, value in query.items() if name != "calculated_fields"})
        except QueryError as error:
            raise AssertionError(error.problems) from error


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"filter": "foo >"}, "filter: 'foo >' is no filter expression: Error Location: line 1, position"),
        ({"filter": 'user = "$user"'}, "is no filter expression: Error Location: line 1"),
        ({"filter": "user = $us"}, "'user = $us' is no filter expression: Error Location: line 1"),
        ({"filter": ""}, "is no filter expression"),
        ({"filter": 1}, "filter is 1, expected text"),
        ({"time_range": 0}, "time_range is 0, expected 1 to 2592000"),
        ({"time_range": True}, "time_range is True"),
        ({"query": {}}, "'query' is not known"),
    ],
)
def test_a_filter_of_another_form(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    """The member is named."""
    assert words in refusal(tmp_path, "xray", "slow.json", json.dumps({**SLOW, **changed}))


def test_names_are_made_to_be_typed(tmp_path: Path) -> None:
    """No spaces, no capitals."""
    assert "no query's" in refusal(tmp_path, "xray", "Slow traces.json", json.dumps(SLOW))


def test_a_name_stands_for_one_query(tmp_path: Path) -> None:
    """NAME must not say which service is meant."""
    (tmp_path / "honeycomb").mkdir()
    (tmp_path / "honeycomb" / "slow.json").write_text(json.dumps(P99))
    assert "Honeycomb has a query of that name too" in refusal(
        tmp_path, "xray", "slow.json", json.dumps(SLOW)
    )


def test_a_folder_without_queries(tmp_path: Path) -> None:
    """Said so, with the folder."""
    with pytest.raises(OperatorError, match="has no queries"):
        files.load(tmp_path)


def test_labels_are_those_of_results() -> None:
    """As Honeycomb names the members of its rows."""
    calculations = [{"op": "COUNT"}, {"op": "P99", "column": "duration_ms"}]
    assert [specification.label(one) for one in calculations] == ["COUNT", "P99(duration_ms)"]
