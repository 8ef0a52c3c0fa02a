"""Names, ids and limits of X-Ray."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.names import (
    UDP_DOCUMENT_MAX_BYTES,
    clean_segment_name,
    from_xray_trace_id,
    is_valid_segment_name,
    to_xray_trace_id,
)


@given(st.text(max_size=400))
def test_a_cleaned_name_is_valid(name: str) -> None:
    """Whatever the name, what is left of it is valid for X-Ray, at most 200 bytes, and stays the same."""
    cleaned = clean_segment_name(name)
    assert is_valid_segment_name(cleaned)
    assert len(cleaned.encode()) <= 200
    assert clean_segment_name(cleaned) == cleaned


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("render <tpl> {user}; (v1)*!?", "render tpl user v1"),
        ("Größe 日本_.:/%&#=+-@", "Größe 日本_.:/%&#=+-@"),
        ("", "span"),
        ("  ", "span"),
        ("!?*", "span"),
        ("a\nb\tc\\d", "abcd"),
        ("é" * 150, "é" * 100),
    ],
)
def test_forbidden_characters_are_removed(name: str, cleaned: str) -> None:
    """Forbidden characters go first, then what exceeds 200 bytes; nothing left falls back."""
    assert clean_segment_name(name) == cleaned


@pytest.mark.parametrize("name", ["", "a!", "a" * 201, "tab;"])
def test_invalid_names(name: str) -> None:
    """A name is 1 to 200 characters of the allowed ones."""
    assert not is_valid_segment_name(name)


@given(st.integers(min_value=1, max_value=2**128 - 1))
def test_trace_ids_round_trip(trace_id: int) -> None:
    """A trace id is the same after having been written and read."""
    text = to_xray_trace_id(trace_id)
    assert from_xray_trace_id(text) == trace_id
    assert from_xray_trace_id(text.upper()) == trace_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1-5f84c7a1",
        "2-5f84c7a1-e7d1852db8c4fd35d88bf49a",
        "1-" + "0" * 8 + "-" + "0" * 24,
        "1-5f84c7a1-e7d1852db8c4fd35d88bf49a ",
    ],
)
def test_other_texts_are_no_trace_ids(text: str) -> None:
    """Another version, form or length, and all zeros, are refused with what was expected."""
    with pytest.raises(ValueError, match="expected 1-<8 hex digits>-<24 hex digits>"):
        from_xray_trace_id(text)


def test_a_datagram_holds_65477_bytes_of_document() -> None:
    """65,507 bytes of IPv4 payload less the daemon's 30 byte header."""
    assert UDP_DOCUMENT_MAX_BYTES == 65_477
