"""What may be secret in URLs is in no span."""

import socket
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.tracing.instrumentation.outgoing import _hide_secrets
from services.tracing.privacy.bare_urls import bare_url, bare_urls
from services.tracing.privacy.redaction import Redactor
from tests.backend.tracing.servers import Answer, closed_port, http_server


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://h/p?token=s", "https://h/p"),
        ("https://u:s@h:8/p#s", "https://h:8/p"),
        ("https://u:s@s@h", "https://h"),
        ("https://h/a@b", "https://h/a@b"),
        ("https://h:8/a@b?c@d", "https://h:8/a@b"),
        ("https://[::1]:8/a@b", "https://[::1]:8/a@b"),
        ("https://u:s#s@h/p", "https://h/p"),
        ("https://u:s?s@h/p?s", "https://h/p"),
        ("postgresql://u:1/s@h/p", "postgresql://h/p"),
        ("/p?s", "/p"),
        ("", ""),
    ],
)
def test_a_bare_url_ends_with_its_path(url: str, bare: str) -> None:
    """Query, fragment, user and password are cut off, the path stays."""
    assert bare_url(url) == bare


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("exceeded with url: /x?token=s (Caused by", "exceeded with url: /x (Caused by"),
        ("404 for url: http://u:s@h/x?s", "404 for url: http://h/x"),
        ("""Invalid URL 'h?token=s': No scheme""", "Invalid URL 'h No scheme"),
        ('get("http://h/x?a=s", timeout=1)', 'get("http://h/x", timeout=1)'),
        ("hosts https://u:s@a:9200,https://u:s@b:9200", "hosts https://a:9200,https://b:9200"),
        ("to postgresql://u:s/s?s#s@h/d failed", "to postgresql://h/d failed"),
        ("went to /cb#access_token=s, then", "went to /cb then"),
        ("went to /cb#access_token=s?s", "went to /cb"),
        ("see /docs#part, issue #12 and C#?", "see /docs#part, issue #12 and C#?"),
        ("what? a=? or b=? really?", "what? a=? or b=? really?"),
        ("mail a@b.example", "mail a@b.example"),
    ],
)
def test_texts_keep_all_but_what_may_be_secret(text: str, bare: str) -> None:
    """URLs and paths with a query are found among the words."""
    assert bare_urls(text) == bare


@given(st.text(alphabet="ab/:?@#='\" \n"))
def test_any_text_is_taken(text: str) -> None:
    """What is bare once stays as it is."""
    assert bare_urls(bare_urls(text)) == bare_urls(text)


@given(
    st.lists(st.sampled_from("p1:/?#@"), max_size=8).map("".join).filter(lambda text: "://" not in text),
    st.sampled_from(["amqp", "postgresql+psycopg", "redis"]),
)
def test_any_password_goes(password: str, scheme: str) -> None:
    """Also one that isn't percent-encoded: what stands before the last `@` is no host of a database's."""
    secret = f"hush{password}hush"
    url = f"{scheme}://{'user'}:{secret}@host/name"
    assert bare_url(url) == f"{scheme}://host/name"
    assert bare_urls(f"({url})") == f"({scheme}://host/name)"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Outgoing calls of requests recorded as in a worker: the same hook, then the pipeline's step."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = RequestsInstrumentor()
    instrumentor.instrument(tracer_provider=provider, skip_dep_check=True, request_hook=_hide_secrets)
    yield exporter
    instrumentor.uninstrument()
    provider.shutdown()


def test_a_call_is_recorded_without_its_query(spans: InMemorySpanExporter) -> None:
    """The server gets the whole URL, the span the rest."""
    with http_server(lambda _: Answer()) as server:
        authority = server.url.removeprefix("http://")
        requests.post(f"http://user:{'hush'}@{authority}/x?token=hush#hush", timeout=5).close()
    assert server.requests[0].path == "/x?token=hush"
    [span] = spans.get_finished_spans()
    urls = {value for name, value in (span.attributes or {}).items() if name in {"url.full", "http.url"}}
    assert urls == {f"{server.url}/x"}
    assert "hush" not in span.to_json()


def test_the_old_conventions_url_is_bare_too() -> None:
    """OTEL_SEMCONV_STABILITY_OPT_IN may ask for the old name, or for both."""
    provider = TracerProvider(shutdown_on_exit=False)
    request = requests.Request("GET", "http://user:hush@h/x?token=hush").prepare()
    attributes = {"http.url": request.url or "", "url.full": request.url or ""}
    span = provider.get_tracer("test").start_span("GET", attributes=attributes)
    _hide_secrets(span, request)
    span.end()
    assert isinstance(span, ReadableSpan)
    assert dict(span.attributes or {}) == {"http.url": "http://h/x", "url.full": "http://h/x"}


def test_a_failed_call_is_recorded_without_its_query(spans: InMemorySpanExporter) -> None:
    """Message, stack trace and status keep what failed, and nothing is lost of the span."""
    host, port = closed_port(socket.SOCK_STREAM)
    with pytest.raises(requests.ConnectionError, match="token=hush"):
        requests.get(f"http://{host}:{port}/x", params={"token": "hush"}, timeout=5)
    [span] = spans.get_finished_spans()
    assert "hush" in span.to_json()
    bare = Redactor()(span)
    assert "hush" not in _without_source_lines(bare)
    assert "Max retries exceeded with url: /x (Caused by" in str(bare.status.description)
    [event] = bare.events
    assert "Max retries exceeded with url: /x (Caused by" in str(
        (event.attributes or {})["exception.message"]
    )
    assert "hush" in span.to_json()
    assert (bare.context, bare.attributes, bare.end_time) == (span.context, span.attributes, span.end_time)
    assert (bare.dropped_events, bare.dropped_attributes) == (0, 0)


def test_a_span_without_exceptions_is_left_alone(spans: InMemorySpanExporter) -> None:
    """The usual span costs no copy."""
    with http_server(lambda _: Answer()) as server:
        requests.post(server.url, timeout=5).close()
    [span] = spans.get_finished_spans()
    assert Redactor()(span) is span


def _without_source_lines(span: ReadableSpan) -> str:
    """Return all of the span; a stack trace quotes code, and with it this test's own."""
    return str(span.to_json()).replace('params={\\"token\\": \\"hush\\"}', "")
