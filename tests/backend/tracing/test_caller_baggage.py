"""A caller's baggage, well-formed or not."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.baggage import get_all
from opentelemetry.context import Context

from services.tracing.recording.caller_baggage import with_baggage


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("plan=gold", {"plan": "gold"}),
        ("plan = gold ,user=7;ttl=1;x", {"plan": "gold", "user": "7;ttl=1;x"}),
        ("name=%C3%A9", {"name": "é"}),
        ("empty=", {"empty": ""}),
    ],
)
def test_well_formed_baggage_is_taken(header: str, expected: dict[str, str]) -> None:
    """Names, values and properties, percent-encoded where they must be."""
    assert get_all(with_baggage(header, Context())) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "plan",
        "=gold",
        "a b=1",
        'a="1"',
        "a=1,,b=2",
        "a=\u00e9",
        "a=" + "x" * 5000,
        ",".join(["a=1"] * 181),
    ],
    ids=lambda header: header[:10],
)
def test_malformed_baggage_is_ignored(header: str) -> None:
    """None of it is taken, not even a part that could be read."""
    assert get_all(with_baggage(header, Context())) == {}


@given(st.text(max_size=40) | st.from_regex(r"([a-c]=[ -~]{0,5},?){0,4}", fullmatch=True))
def test_no_header_makes_a_sound(header: str) -> None:
    """Nothing raises and nothing is logged, whatever arrives."""
    heard: list[logging.LogRecord] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record)

    ear, root = Ear(), logging.getLogger("opentelemetry")
    root.addHandler(ear)
    try:
        with_baggage(header, Context())
    finally:
        root.removeHandler(ear)
    assert heard == []
