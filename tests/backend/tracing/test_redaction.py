"""What may be secret is in no document and no OTLP request, whoever made the span."""

import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags

from services.tracing.privacy.redacted_urls import REDACTED, redacted_query, redacted_url
from services.tracing.privacy.redaction import Redactor
from services.tracing.recording.ids import TraceIds
from services.tracing.recording.span import Span
from services.tracing.recording.span_bounds import SpanBounds
from services.tracing.segments import segment_documents
from services.tracing.sending import otlp
from services.tracing.settings_reader import SettingsReader

HUSH = "hush-7c1e"
HEADERS = [
    "http.request.header.authorization",
    "http.request.header.proxy-authorization",
    "http.request.header.cookie",
    "http.response.header.set_cookie",
    "http.request.header.x-api-key",
    "http.request.header.x_amz_security_token",
    "http.request.header.X-Honeycomb-Team",
    "http.request.header.x-rollbar-access-token",
    "http.request.header.x-csrf-token",
    "http.response.header.client_secret_id",
    "http.request.header.x-old-password",
    "rpc.grpc.request.metadata.authorization",
]
CONFIGURED = ("app.customer", "card.*", "*.pin")
CONFIGURED_EXAMPLES = ["app.customer", "APP.Customer", "card.", "card.number", "a.b.pin", "Card.Pin"]
HIDDEN = st.sampled_from(HEADERS + CONFIGURED_EXAMPLES)
IN_URLS = st.sampled_from(["url.full", "http.url", "http.target", "url.query", "http.request.header.referer"])
CLEAN = st.sampled_from(["http.route", "app.plan", "card", "pin", "http.request.header.accept", "url.path"])
SECRETS = st.sampled_from([HUSH, [HUSH, "x"], f"a {HUSH} b", [HUSH], {"a": [HUSH]}])
URLS = st.sampled_from(
    [
        f"https://h/p?a={HUSH}",
        f"https://u:{HUSH}@h/p",
        f"//u:{HUSH}@h/p?x=1",
        f"/p?{HUSH}",
        f"/p?a=1&b={HUSH};c={HUSH}#{HUSH}",
        f"/p#{HUSH}",
        f"https://u:/{HUSH}@h/p",
        f"amqp://u:1?{HUSH}#@h/p",
    ]
)
# Names that are sensitive within an attribute's value, however this is called.
INNER = st.sampled_from(["authorization", "Set-Cookie", "x_api_key", "app.customer", "card.number", "a.pin"])
CLEAN_INNER = st.sampled_from(["accept", "plan", "0"])


def _nested() -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings and lists with a secret at some depth, or none."""
    secrets = st.dictionaries(INNER, SECRETS, min_size=1, max_size=2)
    urls = st.builds(lambda url: {"url.full": url}, URLS)
    clean = st.dictionaries(CLEAN_INNER, st.sampled_from(["v", 1, None, ("a", 2)]), max_size=2)
    deep: st.SearchStrategy[Any] = st.recursive(
        secrets | urls | clean,
        lambda inner: st.dictionaries(CLEAN_INNER, inner, max_size=2) | st.lists(inner, max_size=2),
        max_leaves=4,
    )
    return deep.filter(lambda value: isinstance(value, dict))


def _attributes() -> st.SearchStrategy[dict[str, Any]]:
    hidden = st.dictionaries(HIDDEN, SECRETS, max_size=4)
    urls = st.dictionaries(IN_URLS, URLS | URLS.map(lambda url: [url]), max_size=3).map(
        lambda found: {name: _fitting(name, value) for name, value in found.items()}
    )
    clean = st.dictionaries(CLEAN, st.sampled_from(["v", 1, True, 2.5]), max_size=4)
    nested = st.dictionaries(st.sampled_from(["request", "app.call"]), _nested(), max_size=2)
    metadata = st.dictionaries(
        st.just("aws.xray.metadata.default"), _nested().map(json.dumps) | st.just("plain"), max_size=1
    )
    parts = hidden, urls, clean, nested, metadata
    return st.builds(lambda *parts: {k: v for part in parts for k, v in part.items()}, *parts)


def _fitting(name: str, value: Any) -> Any:
    """Return a query for what holds a query alone."""
    return f"a={HUSH}&{HUSH}" if name == "url.query" else value


def _sdk_span(resource: dict[str, Any]) -> Any:
    provider = TracerProvider(
        ALWAYS_ON,
        Resource({"service.name": "s", **resource}),
        shutdown_on_exit=False,
        id_generator=TraceIds(),
    )
    return provider.get_tracer("test").start_span("GET /p", kind=SpanKind.SERVER)


def _light_span(resource: dict[str, Any]) -> Any:
    ids = TraceIds()
    context = SpanContext(ids.generate_trace_id(), ids.generate_span_id(), False, TraceFlags(1))
    return Span(
        "GET /p",
        context,
        None,
        SpanKind.SERVER,
        {},
        resource=Resource({"service.name": "s", **resource}),
        scope=InstrumentationScope("test"),
        bounds=SpanBounds.read(SettingsReader(os.environ)),
        on_end=lambda _: None,
    )


MAKERS = pytest.mark.parametrize("make", [_sdk_span, _light_span], ids=["sdk", "light"])


def _outputs(span: ReadableSpan) -> str:
    documents = segment_documents(span, index_all_attributes=True)
    encoded = otlp.encode([span])[0]
    return json.dumps(documents) + encoded.decode("latin-1") + str(span.to_json())


@MAKERS
@given(_attributes(), _attributes(), _attributes(), st.dictionaries(HIDDEN, SECRETS, max_size=2))
def test_no_secret_survives(
    make: Any,
    attributes: dict[str, Any],
    of_event: dict[str, Any],
    of_link: dict[str, Any],
    of_resource: dict[str, Any],
) -> None:
    """Not in the span, its events, its links or its resource; what is clean stays as it was."""
    span = make(of_resource)
    span.set_attributes(attributes)
    span.add_event("seen", of_event)
    span.add_link(span.get_span_context(), of_link)
    span.end()
    before = span.to_json()
    redacted = Redactor(CONFIGURED)(span)
    assert HUSH not in _outputs(redacted)
    assert span.to_json() == before
    kept = {name: value for name, value in (span.attributes or {}).items() if HUSH not in str(value)}
    assert {name: (redacted.attributes or {})[name] for name in kept} == kept
    assert set(redacted.attributes or {}) == set(span.attributes or {})
    assert redacted.context == span.context


@MAKERS
def test_a_clean_span_is_the_span_itself(make: Any) -> None:
    """The usual span costs no copy."""
    span = make({})
    span.set_attributes({"http.route": "/p", "url.full": "https://h/p", "http.response.status_code": 200})
    span.end()
    redact = Redactor(CONFIGURED)
    assert redact(span) is span
    assert redact(span) is span


@MAKERS
def test_what_was_dropped_is_still_counted(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy says of its losses what the span said."""
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2")
    monkeypatch.setenv("OTEL_SPAN_EVENT_COUNT_LIMIT", "1")
    monkeypatch.setenv("OTEL_SPAN_LINK_COUNT_LIMIT", "1")
    span = make({})
    for number in range(4):
        span.set_attribute(f"card.{number}", HUSH)
        span.add_event("seen", {"card.1": HUSH})
        span.add_link(span.get_span_context(), {"card.1": HUSH})
    span.end()
    redacted = Redactor(CONFIGURED)(span)
    assert redacted is not span
    assert (redacted.dropped_attributes, redacted.dropped_events, redacted.dropped_links) == (2, 3, 3)
    assert (len(redacted.events), len(redacted.links)) == (1, 1)
    assert HUSH not in _outputs(redacted)


@MAKERS
def test_what_else_a_span_says_stays(make: Any) -> None:
    """How many requests it stands for travels on with the copy."""
    span = make({})
    span.set_attribute("card.1", HUSH)
    span.end()
    span.sample_rate = 7
    assert Redactor(CONFIGURED)(span).sample_rate == 7  # type: ignore[attr-defined]


@MAKERS
def test_a_hidden_message_is_hidden_wherever_it_is_repeated(make: Any) -> None:
    """Stack trace and status hold the message as well."""
    span = make({})
    span.record_exception(ValueError(HUSH))
    span.set_status(StatusCode.ERROR, f"ValueError: {HUSH}")
    span.end()
    assert HUSH in _outputs(Redactor()(span))
    redacted = Redactor(["exception.message"])(span)
    assert HUSH not in _outputs(redacted)
    assert redacted.status.description == REDACTED


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://h/p?token=s&x=1", "https://h/p?token=REDACTED&x=REDACTED"),
        ("https://u:s@h:8/p#s", "https://h:8/p"),
        ("https://u:s@s@h", "https://h"),
        ("https://h/a@b?c", "https://h/a@b?REDACTED"),
        ("/p?", "/p?"),
        ("/p?a=&&b=1", "/p?a=REDACTED&&b=REDACTED"),
        ("", ""),
    ],
)
def test_a_url_keeps_its_names(url: str, redacted: str) -> None:
    """Values, users and fragments go."""
    assert redacted_url(url) == redacted


@given(st.text(alphabet="ab/:?@#=&; %"))
def test_any_url_is_taken(url: str) -> None:
    """What is redacted once stays as it is."""
    assert redacted_url(redacted_url(url)) == redacted_url(url)
    assert redacted_query(redacted_query(url)) == redacted_query(url)


@given(
    st.dictionaries(st.text(min_size=1), st.none() | st.text() | st.binary() | st.floats() | st.booleans())
)
def test_any_attribute_is_taken(attributes: dict[str, Any]) -> None:
    """Whatever others put into a span, the redactor doesn't raise."""
    span = _sdk_span({})
    span._events.append(Event("exception", attributes))
    span._links.append(Link(span.get_span_context(), attributes))
    span.end()
    span._attributes = attributes
    assert isinstance(Redactor(["*a*", "b"])(span), ReadableSpan)


def test_memory_is_bounded() -> None:
    """Names made up on the way don't add up."""
    redact = Redactor()
    span = _light_span({})
    for number in range(10_000):
        span._attributes = {f"name-{number}": 1, "x" * 9000: 2}
        assert redact(span) is span
    assert len(redact._names.clean) <= 4096
