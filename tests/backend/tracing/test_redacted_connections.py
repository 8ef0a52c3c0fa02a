"""User and password of a database's connection string reach no sink."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind

from services.tracing.privacy.redacted_connections import redacted_connection
from services.tracing.privacy.redaction import Redactor
from services.tracing.segments import segment_documents
from services.tracing.sending import otlp

HUSH = "hush"


@pytest.mark.parametrize(
    ("connection", "redacted"),
    [
        (f"postgresql://u:{HUSH}@h:5/d?sslmode=x", "postgresql://h:5/d?sslmode=x"),
        (f"postgresql://u:{HUSH}@hush/hu=sh#@h:5/d", "postgresql://h:5/d"),
        ("redis://:hu?sh@h:6379/0", "redis://h:6379/0"),
        ("jdbc:mysql://h/d?user=u&password=hush&x=1", "jdbc:mysql://h/d?user=u&password=REDACTED&x=1"),
        (
            "jdbc:sqlserver://h:1;user=u@h;password=hush;x=1",
            "jdbc:sqlserver://h:1;user=u@h;password=REDACTED;x=1",
        ),
        ("jdbc:oracle:thin:u/hush@//h:1521/s", "jdbc:oracle:thin://h:1521/s"),
        ("u:hush@tcp(h:3306)/d", "tcp(h:3306)/d"),
        ("u/hush@h", "h"),
        ("host=h password=hush user=u", "host=h password=REDACTED user=u"),
        ("host=h password = 'hush \\' hush' user=u", "host=h password = REDACTED user=u"),
        ("host=h sslpassword=hush;hush", "host=h sslpassword=REDACTED"),
        ("Server=h;Password=hush hush;Database=d", "Server=h;Password=REDACTED;Database=d"),
        ("Server=h;PWD={hush;hush};Database=d", "Server=h;PWD=REDACTED;Database=d"),
        ("AccountName=n;AccountKey=hush==;Suffix=s", "AccountName=n;AccountKey=REDACTED;Suffix=s"),
        ("postgresql://h:5/d", "postgresql://h:5/d"),
        ("h:5432/d", "h:5432/d"),
        ("sqlite:///tmp/x.db", "sqlite:///tmp/x.db"),
        ("", ""),
    ],
)
def test_a_connection_string_keeps_its_place(connection: str, redacted: str) -> None:
    """Host, port and database stay, in each form that drivers take."""
    assert redacted_connection(connection) == redacted


@given(st.text(alphabet="u/:?@=&;' {}\\\"\npassword"))
def test_any_text_is_taken(text: str) -> None:
    """What a name such as `password` stands for is gone, whatever is around it."""
    redacted = redacted_connection(f"{text} password='hush'")
    assert "hush" not in redacted


def test_neither_sink_sees_it() -> None:
    """X-Ray's connection string and Honeycomb's attribute are without user and password; the name stays."""
    span = ReadableSpan(
        "SELECT",
        SpanContext(1 << 100, 5, False),
        resource=Resource({}),
        kind=SpanKind.CLIENT,
        attributes={
            "db.system": "postgresql",
            "db.name": "d",
            "db.connection_string": f"postgresql://u:{HUSH}@h:5/d?password=hush",
        },
        start_time=1,
        end_time=2,
    )
    redacted = Redactor()(span)
    (document,) = segment_documents(redacted)
    assert document["name"] == "d@h"
    assert document["sql"]["connection_string"].startswith("postgresql://h:5/")
    assert "hush" not in json.dumps(document)
    assert b"hush" not in otlp.encode([redacted])[0]
