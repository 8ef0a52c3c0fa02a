"""The caller's TRACEPARENT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.telemetry.parent import Parent, read, write


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1))
def test_what_is_written_is_read(trace_id: int, span_id: int) -> None:
    """Both ids come back, and a span of ours is sampled."""
    assert read(write(trace_id, span_id)) == Parent(trace_id, span_id, is_sampled=True)


def test_an_unsampled_caller_is_seen() -> None:
    """The last bit of the flags alone says it."""
    found = read(write(1, 2).removesuffix("01") + "02")
    assert found is not None
    assert not found.is_sampled


def test_no_caller() -> None:
    """Nothing given is nobody's trace."""
    assert read("") is None


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "00-" + "0" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "1" * 32 + "-" + "0" * 16 + "-01",
        "ff-" + "1" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "1" * 32 + "-" + "1" * 16 + "-01-more",
        "00-" + "A" * 32 + "-" + "1" * 16 + "-01",
    ],
)
def test_what_is_no_traceparent_is_told(text: str) -> None:
    """The message names the variable and the form."""
    with pytest.raises(ValueError, match=r"TRACEPARENT is .* expected 00-<32 hex digits>"):
        read(text)
