"""docs/filters.md against the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.xray.filters.examples import INVALID, VALID
from xray.filters import TEXT_MAX_CHARACTERS, FilterError, parse
from xray.filters.build import CONDITIONS_MAX, NESTING_MAX
from xray.filters.build_json import PATTERNS_MAX
from xray.filters.honeycomb_columns import COLUMNS
from xray.filters.keys import Key
from xray.filters.scopes import ANNOTATED, FIELDS, Scope

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "filters.md").read_text()


def test_the_tables_are_those_of_the_tests() -> None:
    """Each example stands there with its number, an invalid one with its position."""
    rows = re.findall(r"^\| (\d+) \| `(.+?)` \| (?:(\d+) \| )?.*\|$", TEXT, re.MULTILINE)
    assert [(text, position) for _, text, position in rows] == [
        *((one.text, "") for one in VALID),
        *((one.text, str(one.position)) for one in INVALID),
    ]
    assert [int(number) for number, _, _ in rows] == [*range(1, 41), *range(1, 21)]


def test_messages_are_those_of_the_code() -> None:
    """As far as they stand there: `...` is for the rest."""
    said = re.findall(r"^\| \d+ \| `(.+?)` \| \d+ \| (.*) \|$", TEXT, re.MULTILINE)
    assert len(said) == len(INVALID)
    for text, message in said:
        with pytest.raises(FilterError) as caught:
            parse(text)
        assert f"' : {message.partition(' ...')[0].removesuffix(' or')}" in str(caught.value)


def test_every_keyword_and_column_is_there() -> None:
    """By name, in a code span."""
    words = {word for span in re.findall(r"`([^`\n]+)`", TEXT) for word in span.split()}
    assert set(Key) <= words
    assert {column.name for column in COLUMNS.values()} <= words


def test_the_places_know_what_is_written() -> None:
    """The table of places has the keywords of the table of fields, and annotations where they may stand."""
    table = TEXT.partition("| place | looks at | keywords |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.strip().splitlines()[1:]]
    written: dict[str, set[str]] = {}
    place = above = ""
    for name, _, told in rows:
        place, above = name or place, place
        those_too, _, words = told.rpartition("`")[0].partition("`")
        found = written.setdefault(place, set())
        found |= {*words.split(), *(written[above] if those_too == "those, and " else ())}
    http = {key for key in Key if key.startswith("http.")}
    for scope, fields in FIELDS.items():
        name = "outside of `{...}`" if scope is Scope.TRACE else f"`{scope.value.replace('<kind>', '*')}`"
        keywords = written.pop(name)
        assert ("annotation" in keywords) == (scope in ANNOTATED)
        all_of_http = http if "http.*" in keywords else set()
        assert (keywords - {"http.*", "annotation"}) | all_of_http == set(fields), scope
    assert written == {}


def test_the_limits_are_the_codes() -> None:
    """Characters, conditions, levels, root causes."""
    for limit in (
        f"{TEXT_MAX_CHARACTERS:,} characters, {CONDITIONS_MAX:,} conditions and {NESTING_MAX} levels",
        f"{PATTERNS_MAX} different root causes",
    ):
        assert limit in " ".join(TEXT.split())
