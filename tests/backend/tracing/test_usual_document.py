"""The short way to a document makes what the long one makes."""

from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from services.tracing import segments
from services.tracing.segments import segment_documents
from services.tracing.translation.resource import view_of
from services.tracing.translation.usual import usual_document
from tests.backend.tracing.generated import CONTEXTS, KNOWN_KEYS, SPANS, TEXT, TIMES, VALUES
from tests.backend.tracing.spans import RESOURCE, make_span

_OF_REQUESTS = [
    *("http.request.method", "http.response.status_code", "url.path", "url.scheme", "server.address"),
    *("server.port", "client.address", "network.peer.address", "user_agent.original", "http.route"),
    *("http.response.body.size", "http.request.body.size", "network.protocol.version", "app.own"),
]
_USUAL = st.builds(
    ReadableSpan,
    name=TEXT,
    context=CONTEXTS,
    parent=st.none() | CONTEXTS,
    resource=st.just(RESOURCE),
    attributes=st.dictionaries(
        st.sampled_from(_OF_REQUESTS) | st.sampled_from(KNOWN_KEYS) | TEXT,
        st.sampled_from(["GET", "/a", "http", "203.0.113.7", 80, 200, 404, "x" * 1001]) | VALUES,
        max_size=7,
    ),
    kind=st.sampled_from([SpanKind.SERVER, SpanKind.INTERNAL]),
    status=st.sampled_from([Status(StatusCode.UNSET), Status(StatusCode.OK)]),
    start_time=TIMES,
    end_time=st.none() | TIMES,
)
_INDEXED = st.lists(st.sampled_from([*_OF_REQUESTS, "otel.resource.service.name", "a/b"]), max_size=3)


def _the_long_way(span: ReadableSpan, indexed: list[str]) -> list[dict[str, Any]]:
    with patch.object(segments, "usual_document", return_value=None):
        return segment_documents(span, indexed_attributes=indexed)


@given(_USUAL | SPANS, _INDEXED)
def test_both_ways_make_the_same(span: ReadableSpan, indexed: list[str]) -> None:
    """Whatever a span holds: a document of the short way is the one of the long way."""
    short = usual_document(span, view_of(span.resource), span.attributes or {}, indexed)
    if short is not None:
        assert [short] == segment_documents(span, indexed_attributes=indexed) == _the_long_way(span, indexed)


def test_a_request_and_its_work_go_the_short_way() -> None:
    """What the middleware and the application's own spans record is of the usual kind."""
    for kind, attributes in (
        (SpanKind.SERVER, {"http.request.method": "GET", "url.path": "/a", "http.response.status_code": 200}),
        (SpanKind.INTERNAL, {"app.result_length": 3, "app.now": "2026"}),
        (SpanKind.INTERNAL, {}),
    ):
        span = make_span("work", kind, **attributes)
        view = view_of(span.resource)
        assert usual_document(span, view, span.attributes or {}, ("http.route",)) is not None
