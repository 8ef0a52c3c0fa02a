"""Which of three ways differ from which."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scripts.verify.check import Status
from scripts.verify.loaded.checks import RULES, of_rows
from scripts.verify.loaded.ways import NOT_ASKED, Cell, Row, listed

VALUES = st.integers(0, 2).map(lambda number: Cell(f"value {number}", number))
LOADED = st.dictionaries(st.sampled_from(["1", "2", "3"]), VALUES, min_size=1)


@given(VALUES, VALUES, LOADED)
def test_a_pair_is_named_exactly_where_it_differs(asked: Cell, aws: Cell, loaded: dict[str, Cell]) -> None:
    """And each worker in it exactly where it is one of those that differ."""
    row = Row("x", asked, aws, loaded)
    assert ("asked for/AWS" in row.drift) == (asked.value != aws.value)
    assert ("AWS/loaded" in row.drift) == any(cell.value != aws.value for cell in loaded.values())
    assert ("asked for/loaded" in row.drift) == any(cell.value != asked.value for cell in loaded.values())
    assert row.stale() == [name for name, cell in loaded.items() if cell.value != aws.value]
    if 0 < len(row.stale()) < len(loaded):
        assert f"AWS/loaded ({', '.join(row.stale())})" in row.drift


@given(VALUES, LOADED)
def test_what_is_not_known_differs_from_nothing(aws: Cell, loaded: dict[str, Cell]) -> None:
    """Nobody asked for it: AWS and the workers are compared all the same."""
    drift = Row("x", NOT_ASKED, aws, loaded).drift
    assert "asked for" not in drift
    assert bool(drift) == any(cell.value != aws.value for cell in loaded.values())


@given(st.lists(st.tuples(VALUES, VALUES, LOADED), min_size=1, max_size=4))
def test_a_check_passes_only_where_nothing_drifts(rows: list[tuple[Cell, Cell, dict[str, Cell]]]) -> None:
    """Its remedy begins with the apply only where AWS has not what is asked for."""
    made = [Row(f"row {number}", *row) for number, row in enumerate(rows)]
    result = of_rows(RULES, made, 3, again="apply", reload="wait")
    drifting = [row for row in made if row.drift]
    assert (result.status is Status.PASS) == (not drifting)
    assert bool(result.remedy) == bool(drifting)
    assert ("apply" in result.remedy) == any(row.asked.value != row.aws.value for row in made)
    for row in made:
        assert result.status is Status.PASS or (f"{row.what}:" in result.actual) == bool(row.drift)


def test_what_nobody_asked_for_has_a_remedy_of_its_own() -> None:
    """An apply would not remove it, and workers forget it by themselves."""
    there = Cell("rule", 1)
    row = Row("rule x", Cell(NOT_ASKED.shown), there, {"1": there})
    remedies = {"again": "apply", "reload": "wait", "uninvited": "delete"}
    assert of_rows(RULES, [row], 1, **remedies).remedy == "delete"
    late = Row("rule x", Cell(NOT_ASKED.shown), there, {"1": Cell("(none)")})
    assert of_rows(RULES, [late], 1, **remedies).remedy == "delete"
    changed = Row("rule y", Cell("0.1", 0.1), there, {"1": there})
    assert of_rows(RULES, [row, changed], 1, **remedies).remedy == "apply, then delete, then wait"


def test_workers_that_differ_are_told_apart() -> None:
    """What, and by whom; alike, the value alone. Of many names the first few."""
    one, two = Cell("version 1", 1), Cell("version 2", 2)
    row = Row("key", two, two, {"12": one, "13": two, "14": one})
    assert row.loaded_shown == "version 1 in 12, 14; version 2 in 13"
    assert row.drift == "AWS/loaded (12, 14), asked for/loaded (12, 14)"
    assert Row("key", two, two, {"12": two, "13": two}).loaded_shown == "version 2"
    assert listed([str(number) for number in range(9)]) == "0, 1, 2, 3, 4, 5 and 3 more"
