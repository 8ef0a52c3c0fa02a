"""What the texts of exceptions repeat of secrets and rows is cut out of them."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.tracing.privacy.redaction import Redactor
from services.tracing.privacy.texts import redacted_text

HUSH = "hush-7c1e"
ROW = f"dup key\nDETAIL:  Key (email)=({HUSH}) exists."


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"failed: host=h password={HUSH}", "failed: host=h password=REDACTED"),
        (f"Engine(sslpassword={HUSH}), again", "Engine(sslpassword=REDACTED), again"),
        (f"PASSWORD: '{HUSH} {HUSH}' given", "PASSWORD: 'REDACTED' given"),
        (f"{{'password': '{HUSH}\\'{HUSH}', 'a': 1}}", "{'password': 'REDACTED', 'a': 1}"),
        (f'"{{\\"api_key\\": \\"{HUSH}\\"}}"', '"{\\"api_key\\": \\"REDACTED\\"}"'),
        (f"{{'token': b'{HUSH}'}}", "{'token': b'REDACTED'}"),
        (f"AccountKey={HUSH}==;x", "AccountKey=REDACTED"),
        (f"#access_token={HUSH}", "#access_token=REDACTED"),
        (f"Authorization: Digest {HUSH} {HUSH}\nnext", "Authorization: REDACTED\nnext"),
        (f"Invalid header value: 'Bearer {HUSH}'", "Invalid header value: 'Bearer REDACTED'"),
        (f"run --token {HUSH} -v", "run --token REDACTED -v"),
        (f"{'hcaik_'}{'a1' * 29} is unknown", "REDACTED is unknown"),
        (f"\u0130\u0130\u0130 password={HUSH}", "\u0130\u0130\u0130 password=REDACTED"),
        (f"redis://h password={HUSH}@{HUSH}", "redis://h password=REDACTED"),
        (f"to https://h/p?token={HUSH}) failed", "to https://h/p failed"),
    ],
)
def test_a_named_secret_goes(text: str, redacted: str) -> None:
    """Its name stays, and what is around it."""
    assert redacted_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "unexpected token: } at 5",
        "token = next(tokens)",
        "psycopg.errors.InvalidPassword: no such user",
        "cryptography.fernet.InvalidToken: too old",
        "InvalidIdToken: no claim",
        "primary key: 5, foreign_key=6, max_tokens=7",
        "password == other",
        "401: basic auth",
        "DETAILS: all of them",
    ],
)
def test_prose_and_code_stay(text: str) -> None:
    """The names of exceptions too, which X-Ray shows."""
    assert redacted_text(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (ROW, "dup key\nDETAIL: REDACTED"),
        (f"{ROW}\nHINT:  Don't.", "dup key\nDETAIL: REDACTED\nHINT:  Don't."),
        (f"DETAIL:  (1, a\n\n{HUSH}).\nHINT: x", "DETAIL: REDACTED\nHINT: x"),
        (repr(ValueError(f"{ROW}\nHINT: x")), "ValueError('dup key\\nDETAIL: REDACTED\\nHINT: x')"),
        (f"a DETAIL:  ({HUSH})\n", "a DETAIL: REDACTED\n"),
        (
            f"{ROW}\n\n[SQL: insert]\n[parameters: ('{HUSH}',)]\n(Background)",
            "dup key\nDETAIL: REDACTED\n[SQL: insert]\n[parameters: REDACTED]\n(Background)",
        ),
    ],
)
def test_rows_go(text: str, redacted: str) -> None:
    """PostgreSQL's DETAIL and CONTEXT up to the next field, in a repr too, and SQLAlchemy's parameters."""
    assert redacted_text(text) == redacted


def test_the_rows_of_a_group_go() -> None:
    """Each exception keeps its place in the group's stack trace, and what it came from its own."""
    group = ExceptionGroup("many", [ValueError(ROW), KeyError("k"), ValueError(ROW)])
    group.__cause__ = ValueError(ROW)
    text = "".join(traceback.format_exception(group))
    redacted = redacted_text(text)
    assert HUSH in text
    assert HUSH not in redacted
    assert redacted.count("DETAIL: REDACTED") == 3
    marks = ["+---", "The above exception was", "KeyError: 'k'"]
    assert [redacted.count(mark) for mark in marks] == [text.count(mark) for mark in marks]


@given(st.text(alphabet="passwordtken=:'\" \\\n-#?/@{},;&") | st.text())
def test_any_text_is_taken(text: str) -> None:
    """A named secret goes whatever is around it, and what has been redacted stays as it is."""
    redacted = redacted_text(f"{text}\nhost=h password='{HUSH}' user=u\n")
    assert HUSH not in redacted
    assert "host=h password=" in redacted
    assert redacted_text(redacted) == redacted


@pytest.fixture
def ended() -> ReadableSpan:
    """A span that repeats secrets wherever it has texts."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("test").start_as_current_span(f"GET https://h/p?token={HUSH}") as span:
        span.set_attribute("exception.message", f"GET https://h/p?token={HUSH}")
        span.add_event(f"went to /p?token={HUSH}", {"exception.message": f"https://u:{HUSH}@h/"})
    provider.shutdown()
    return exporter.get_finished_spans()[0]


def test_names_and_other_events_are_looked_into(ended: ReadableSpan) -> None:
    """The texts of exceptions are known by name, not only in the event that OpenTelemetry has for them."""
    redacted = Redactor()(ended)
    assert HUSH not in redacted.to_json()
    assert (redacted.name, redacted.events[0].name) == ("GET https://h/p", "went to /p")
    assert redacted.events[0].timestamp == ended.events[0].timestamp
    assert HUSH in ended.to_json()
