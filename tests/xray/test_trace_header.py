"""The X-Amzn-Trace-Id header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray.trace_header import Sampled, TraceHeader, format_trace_header, parse_trace_header

ROOT = 0x5F84C7A1E7D1852DB8C4FD35D88BF49A
ROOT_TEXT = "1-5f84c7a1-e7d1852db8c4fd35d88bf49a"
PARENT = 0x53995C3F42CD8AD8

_FIELD = st.text(alphabet="abcXYZ019:|-_", min_size=1, max_size=20)
_HEADERS = st.builds(
    TraceHeader,
    st.none() | st.integers(1, 2**128 - 1),
    st.none() | st.integers(1, 2**64 - 1),
    st.none() | st.sampled_from(Sampled),
    st.lists(
        st.tuples(
            _FIELD.filter(lambda key: key.lower() not in {"root", "parent", "sampled", "self"}), _FIELD
        ),
        max_size=5,
    ).map(tuple),
)


@given(_HEADERS)
def test_headers_round_trip(header: TraceHeader) -> None:
    """What is written is read as the same, unknown fields and their order included."""
    assert parse_trace_header(format_trace_header(header)) == header


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    """Whatever arrives, what is read can be written as visible ASCII."""
    written = format_trace_header(parse_trace_header(text))
    assert written.isascii()
    assert written.isprintable()


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (f"Root={ROOT_TEXT}", TraceHeader(ROOT)),
        (f"Root={ROOT_TEXT};Parent=53995c3f42cd8ad8;Sampled=1", TraceHeader(ROOT, PARENT, Sampled.YES)),
        (
            f"Sampled=0 ; Parent=53995C3F42CD8AD8; Root={ROOT_TEXT.upper()}",
            TraceHeader(ROOT, PARENT, Sampled.NO),
        ),
        (f"Root={ROOT_TEXT};Sampled=?", TraceHeader(ROOT, None, Sampled.REQUESTED)),
        (f"Self=1-67891234-12456789abcdef012345678;Root={ROOT_TEXT}", TraceHeader(ROOT)),
        (
            f"Root={ROOT_TEXT};Lineage=a87bd80c:1|68fd508a:5;Foo=bar",
            TraceHeader(ROOT, extra=(("Lineage", "a87bd80c:1|68fd508a:5"), ("Foo", "bar"))),
        ),
        (f"root={ROOT_TEXT};sampled=1", TraceHeader(ROOT, None, Sampled.YES)),
        ("Root=1-zz-yy;Parent=12;Sampled=2", TraceHeader()),
        ("Root=1-00000000-000000000000000000000000;Parent=0000000000000000", TraceHeader()),
        (f"Root={ROOT_TEXT};bad\r\nX: y=1;=;;k", TraceHeader(ROOT)),
        ("", TraceHeader()),
    ],
)
def test_forms(text: str, header: TraceHeader) -> None:
    """Every form of the reference; a broken field counts as absent."""
    assert parse_trace_header(text) == header


def test_what_travels_on_is_bounded() -> None:
    """Unknown fields are kept up to 512 characters in all, so that no caller makes our headers grow."""
    header = parse_trace_header(f"Root={ROOT_TEXT};" + ";".join(f"k{n}={'v' * 50}" for n in range(100)))
    assert header.trace_id == ROOT
    assert len(format_trace_header(header)) < 600
