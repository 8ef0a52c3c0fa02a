"""SQL against evaluation, in a real DuckDB."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xray.filters.generated_traces import Facts
from tests.xray.filters.generated_trees import Trees, group_versions
from tests.xray.filters.made import service, trace
from tests.xray.filters.table import Table
from xray.filters import evaluate, parse, to_sql, to_text
from xray.traces import derive

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """One database for all."""
    made = Table()
    yield made
    made.close()


@pytest.mark.parametrize("seed", range(3))
def test_sql_says_what_evaluation_says(table: Table, seed: int) -> None:
    """For any tree, any traces and any groups both agree, never NULL; and both answers occur often."""
    facts = [Facts(Random(f"{seed} {place}")).trace() for place in range(60)]
    received_at = 1.0
    table.fill(facts, received_at)
    outcomes: Counter[bool] = Counter()

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, 2**64))
    def agree(seed: int) -> None:
        random = Random(seed)
        tree, groups = Trees(random, groups=True).tree(), group_versions(random)
        expected = [evaluate(tree, one, received_at=received_at, groups=groups) for one in facts]
        assert table.answers(to_sql(tree, groups=groups)) == expected, to_text(tree)
        outcomes.update(expected)

    agree()
    assert min(outcomes[True], outcomes[False]) > 1_000, outcomes


def test_a_row_of_nulls_is_no_match_and_no_null(table: Table) -> None:
    """Where a column is NULL, conditions are false and their negations true."""
    empty = trace(
        **dict.fromkeys(
            ("services", "edges", "annotations", "fault_causes", "error_causes", "response_time_causes")
        )
    )
    table.fill([empty])
    for text in (
        'user = "a"',
        "user",
        "annotation.k",
        "annotation.k != 1",
        "service()",
        'service("a") {fault}',
        "edge()",
        "edge() {ok}",
        "rootcause.fault.entity {last}",
        "rootcause.error.exception {first}",
        "rootcause.responsetime.service {index = 0}",
        'rootcause.json = #[{"ClientImpacting": true}]',
        "rootcause.json != #[{}]",
        "http.status != 1",
    ):
        assert table.answers(to_sql(parse(text))) == [False], text
        assert table.answers(to_sql(parse(f"!({text})"))) == [True], text


def test_no_value_is_in_the_text() -> None:
    """Whatever an expression compares with is a parameter."""
    sql = to_sql(parse('user = "x\' OR 1=1 --" AND annotation.evil = 4711 AND service("DROP TABLE traces")'))
    for part in ("OR 1=1", "evil", "4711", "DROP"):
        assert part not in sql.text
    assert sql.parameters == ("x' OR 1=1 --", "evil", 4711.0, "DROP TABLE traces")
    assert sql.text.count("?") == len(sql.parameters)


def test_lists_of_root_causes_are_made_once() -> None:
    """However often a body asks for the last element: making them for each element would be quadratic."""
    for part in ("entity", "exception"):
        counts = {
            to_sql(parse(f"rootcause.fault.{part} {{{body}}}")).text.count("entity_path")
            for body in ("first", "last", "last AND !last OR last = false")
        }
        assert counts == {1}


def test_services_and_calls_have_the_duration_that_they_tell(table: Table) -> None:
    """To the microsecond and never below 0, as the trace's: half a second of today is 0.5."""
    documents = [
        {
            "trace_id": "1-5f84c7a1-e7d1852db8c4fd35d88bf49a",
            "id": f"{number:016x}",
            "name": "a",
            "start_time": start,
            "end_time": end,
        }
        for number, (start, end) in enumerate([(1602537377.6, 1602537378.1), (20.0, 10.0)])
    ]
    facts = [derive([document], "1") for document in documents]
    table.fill(facts)
    for text in ("duration = 0.5", "service() {duration = 0.5}", "edge() {duration = 0.5}"):
        assert [evaluate(parse(text), one) for one in facts] == [True, False]
        assert table.answers(to_sql(parse(text))) == [True, False]
    assert table.answers(to_sql(parse("service() {duration < 0}"))) == [False, False]


def test_the_longest_and_the_deepest_expression_run(table: Table) -> None:
    """What parse takes, DuckDB takes: a chain of thousands, and a hundred levels."""
    facts = [trace(fault=True, services=(service("a"),))]
    table.fill(facts)
    chain = " OR ".join(["ok"] * 2_000)
    deep = "!" * 98 + "(ok OR fault)"
    body = "service() {" + "!(ok AND " * 48 + "fault" + ")" * 48 + "}"
    for text in (chain, deep, body):
        tree = parse(text)
        assert table.answers(to_sql(tree)) == [evaluate(tree, facts[0])]
