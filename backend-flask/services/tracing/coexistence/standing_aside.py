"""Serving a request whose server span another instrumentation makes: decided here, recorded there."""

import logging
from collections.abc import Iterable
from typing import Any

from opentelemetry.context import attach, detach, get_current, set_value
from opentelemetry.trace import INVALID_SPAN, SpanKind, get_current_span

from services.tracing.coexistence.guest_processor import REQUEST_DECISION
from services.tracing.propagation import Incoming, response_header
from services.tracing.recorder import Recorder, StartResponse, WsgiApplication
from services.tracing.recording.server_span import SEGMENT_NAME, WsgiEnvironment, host_of
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY
from xray.trace_header import HEADER_NAME

_log = logging.getLogger(__name__)


def is_within_server_span() -> bool:
    """Tell whether somebody around us made the request's span: a server's, or one that isn't sampled."""
    span = get_current_span()
    if span is INVALID_SPAN:
        return False
    context = span.get_span_context()
    if not context.is_valid or context.is_remote:
        return False
    return not span.is_recording() or getattr(span, "kind", None) is SpanKind.SERVER


def stand_aside(
    recorder: Recorder, app: WsgiApplication, environ: WsgiEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Serve the request; the response names its trace. Only what the application raises is raised."""
    decision, incoming = _decide(recorder, environ)

    segment_name = recorder.segment_name(host_of(environ))

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        if segment_name is not None:
            get_current_span().set_attribute(SEGMENT_NAME, segment_name)
        return start_response(status, [*headers, *_trace_headers(headers, decision, incoming)], *rest)

    if decision is None:
        return app(environ, start)
    token = attach(set_value(DECISION_KEY, decision, get_current()))
    told = REQUEST_DECISION.set(decision)
    try:
        return app(environ, start)
    finally:
        REQUEST_DECISION.reset(told)
        detach(token)


def _decide(recorder: Recorder, environ: WsgiEnvironment) -> tuple[Decision | None, Incoming | None]:
    """Decide the request, unless a span around us was decided already."""
    if get_current_span() is not INVALID_SPAN:
        return None, None
    try:
        return recorder.decide(environ)
    except Exception:  # noqa: BLE001 (a request must not fail for being traced)
        _log.exception("a request could not be decided; its span is decided as any other")
        return None, None


def _trace_headers(
    headers: Iterable[tuple[str, str]], decision: Decision | None, incoming: Incoming | None
) -> list[tuple[str, str]]:
    """Return X-Amzn-Trace-Id, unless a recorder further in has set it or the request has no span."""
    context = get_current_span().get_span_context()
    if not context.is_valid or any(name == HEADER_NAME for name, _ in headers):
        return []
    sampled = context.trace_flags.sampled if decision is None else decision.sampled
    return [(HEADER_NAME, response_header(context.trace_id, incoming, sampled=sampled))]
