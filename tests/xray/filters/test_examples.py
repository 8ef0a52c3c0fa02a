"""The reference's expressions behave as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.xray.filters.examples import GROUPS, INVALID, RECEIVED_AT, VALID, Invalid, Valid
from tests.xray.filters.table import Table
from xray.filters import FilterError, evaluate, parse, to_sql, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """One database for all."""
    made = Table()
    yield made
    made.close()


def test_there_are_as_many_as_in_the_reference() -> None:
    """None is left out."""
    assert (len({one.text for one in VALID}), len({one.text for one in INVALID})) == (40, 20)


@pytest.mark.parametrize("example", VALID, ids=lambda one: one.text)
def test_a_valid_one_finds_what_it_means(example: Valid, table: Table) -> None:
    """It finds the one trace and not the other, evaluated and as SQL."""
    tree = parse(example.text)
    facts = [example.found, example.not_found]
    found = [evaluate(tree, one, received_at=RECEIVED_AT, groups=GROUPS) for one in facts]
    assert found == [True, False]
    table.fill(facts, RECEIVED_AT)
    assert table.answers(to_sql(tree, groups=GROUPS)) == [True, False]


@pytest.mark.parametrize("example", VALID, ids=lambda one: one.text)
def test_a_valid_one_is_printed_in_its_normal_form(example: Valid) -> None:
    """The normal form reads as the same tree, and is printed as itself."""
    printed = to_text(parse(example.text))
    assert printed == (example.normal or example.text)
    assert parse(printed) == parse(example.text)


@pytest.mark.parametrize("example", INVALID, ids=lambda one: one.text)
def test_an_invalid_one_is_refused_at_its_place(example: Invalid) -> None:
    """The error tells line, position and what was expected, in X-Ray's form."""
    with pytest.raises(FilterError) as caught:
        parse(example.text)
    error = caught.value
    assert (error.line, error.position) == (1, example.position)
    seen = example.text[: example.position - 1]
    form = f"Error Location: line 1, position {example.position} : Invalid input symbol: '{seen}' : "
    assert str(error).startswith(form)
    assert example.words in str(error)
    assert error.expected
