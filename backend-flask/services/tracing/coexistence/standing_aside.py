"""Serving a request whose server span another instrumentation makes: decided here, recorded there."""

import logging
from collections.abc import Iterable
from typing import Any

from opentelemetry.context import attach, detach, get_current, set_value
from opentelemetry.trace import INVALID_SPAN, SpanKind, get_current_span

from services.tracing.probe_header import SYNTHETIC_TEST, SYNTHETIC_TYPE, Refusal
from services.tracing.probes import PROBE_HEADER, Probe
from services.tracing.propagation import Incoming, response_header
from services.tracing.recorder import Recorder
from services.tracing.recording.served import StartResponse, WsgiApplication
from services.tracing.recording.server_span import SEGMENT_NAME, WsgiEnvironment, host_of
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, REQUEST_DECISION
from xray.trace_header import HEADER_NAME

_TRACE = HEADER_NAME.lower()
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
    probe = _probe_of(recorder, environ)
    decision, incoming = _decide(recorder, environ, probe)

    segment_name = recorder.segment_name(host_of(environ))

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        if segment_name is not None:
            get_current_span().set_attribute(SEGMENT_NAME, segment_name)
        if probe is not None:
            headers = _answered(probe, headers)
        return start_response(status, _with_trace(headers, decision, incoming), *rest)

    if decision is None:
        return app(environ, start)
    token = attach(set_value(DECISION_KEY, decision, get_current()))
    told = REQUEST_DECISION.set(decision)
    try:
        return app(environ, start)
    finally:
        REQUEST_DECISION.reset(told)
        detach(token)


def _probe_of(recorder: Recorder, environ: WsgiEnvironment) -> Probe | None:
    """Return the request's probe; it forces nothing where a span around us was decided already."""
    if PROBE_HEADER not in environ:
        return None
    try:
        probe = recorder.probe_of(environ)
    except Exception:  # noqa: BLE001 (a request must not fail for being traced)
        _log.exception("a probe could not be looked at")
        return None
    if get_current_span() is not INVALID_SPAN:
        probe.refuse(Refusal.DECIDED)
    return probe


def _answered(probe: Probe, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Mark the span that the other instrumentation has made meanwhile; return the headers with an answer."""
    try:
        span = get_current_span()
        if not span.is_recording():
            probe.refuse(Refusal.NOT_RECORDED)
        elif probe.is_forced:
            span.set_attribute(SYNTHETIC_TYPE, SYNTHETIC_TEST)
    except Exception:  # noqa: BLE001 (a span of somebody else's)
        _log.exception("a probe's span isn't marked")
    return probe.answered(headers)


def _decide(
    recorder: Recorder, environ: WsgiEnvironment, probe: Probe | None
) -> tuple[Decision | None, Incoming | None]:
    """Decide the request, unless a span around us was decided already."""
    if get_current_span() is not INVALID_SPAN:
        return None, None
    try:
        return recorder.decide(environ, probe)
    except Exception:  # noqa: BLE001 (a request must not fail for being traced)
        _log.exception("a request could not be decided; its span is decided as any other")
        return None, None


def _with_trace(
    headers: list[tuple[str, str]], decision: Decision | None, incoming: Incoming | None
) -> list[tuple[str, str]]:
    """Return the headers with X-Amzn-Trace-Id once, as they are where the request has no span.

    One that a recorder further in has set may tell more; one of another trace, which the application passes
    on from a service that it called, is replaced.
    """
    context = get_current_span().get_span_context()
    if not context.is_valid:
        return headers
    sampled = context.trace_flags.sampled if decision is None else decision.sampled
    header = response_header(context.trace_id, incoming, sampled=sampled)
    told = [value for name, value in headers if name.lower() == _TRACE and value.startswith(header)]
    others = [pair for pair in headers if pair[0].lower() != _TRACE]
    return [*others, (HEADER_NAME, told[0] if told else header)]
