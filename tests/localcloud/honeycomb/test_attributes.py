"""Attributes as fields."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.attributes import JSON_FIELD_MAX_BYTES, Fields, add_attributes

from .conftest import attributes


def fields_of(values: dict[str, Any]) -> Fields:
    """Return the fields that attributes with these values become."""
    fields: Fields = {}
    add_attributes(fields, attributes(values))
    return fields


@pytest.mark.parametrize("value", ["text", "", True, False, 0, -(2**63), 2**63 - 1, 1.5])
def test_plain_values_keep_their_type(value: object) -> None:
    """Text, booleans, integers and floats are fields as they are."""
    (found,) = fields_of({"key": value}).values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[]\n"),
        ([1, 2.0, 2.5, "a<b>&é", None, True], '[1,2,2.5,"a<b>&é",null,true]\n'),
        ([{"b": 1, "a": [2]}], '[{"a":[2],"b":1}]\n'),
        (b"\x00\xff", '"AP8="\n'),
    ],
)
def test_arrays_and_bytes_are_json_with_a_newline(value: object, text: str) -> None:
    """As Go's JSON encoder writes them, without HTML escapes, keys sorted."""
    assert fields_of({"key": value}) == {"key": text}


def test_maps_become_dotted_fields_five_levels_deep() -> None:
    """The sixth level is JSON text."""
    value: dict[str, Any] = {"leaf": 1}
    for name in "fedcb":
        value = {name: value, "at": name}
    fields = fields_of({"a": value})
    assert fields == {
        "a.at": "b",
        "a.b.at": "c",
        "a.b.c.at": "d",
        "a.b.c.d.at": "e",
        "a.b.c.d.e.at": "f",
        "a.b.c.d.e.f": '{"leaf":1}\n',
    }


def test_attributes_without_key_or_value_are_left_out() -> None:
    """So are empty maps, and arrays with numbers that JSON has not."""
    assert fields_of({"": 1, "none": None, "map": {}, "nan": [float("nan")]}) == {}


def test_later_attributes_win() -> None:
    """What is in the fields already is replaced."""
    fields: Fields = {"key": "old"}
    add_attributes(fields, attributes({"key": "new"}))
    assert fields == {"key": "new"}


def test_long_json_is_cut_between_characters() -> None:
    """The text holds at most 65,535 bytes and is valid UTF-8."""
    (text,) = fields_of({"key": ["é" * 70_000]}).values()
    assert isinstance(text, str)
    assert JSON_FIELD_MAX_BYTES - 1 <= len(text.encode()) <= JSON_FIELD_MAX_BYTES
    assert set(text[2:]) == {"é"}


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
NESTED = st.recursive(
    PLAIN | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=3), NESTED, max_size=4))
def test_any_attributes_become_fields_of_plain_types(values: dict[str, Any]) -> None:
    """No nesting survives; every JSON text can be read again."""
    for name, value in fields_of(values).items():
        assert name
        assert type(value) in (str, bool, int, float)


@given(st.lists(PLAIN))
def test_json_text_says_what_the_array_said(values: list[Any]) -> None:
    """An array of values that JSON has reads back equal."""
    (text,) = fields_of({"key": values}).values()
    assert isinstance(text, str)
    assert json.loads(text) == values
