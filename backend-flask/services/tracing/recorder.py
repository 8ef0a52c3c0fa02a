"""Deciding a request and starting its server span; what comes of it is in recording/served.py."""

import logging
from collections.abc import Iterable
from typing import Any

from opentelemetry.context import Context, set_value
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
)
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import Tracer as ApiTracer

from services.tracing.probe_header import SYNTHETIC_TEST, SYNTHETIC_TYPE, Refusal
from services.tracing.probes import FORCED, PROBE_HEADER, Probe, Probes
from services.tracing.propagation import Incoming, context_of, read_incoming
from services.tracing.recording.caller_baggage import with_baggage
from services.tracing.recording.served import Recording, StartResponse, Unrecorded, WsgiApplication
from services.tracing.recording.server_span import (
    OTHER_METHOD,
    SEGMENT_NAME,
    WsgiEnvironment,
    host_of,
    method_of,
    path_of,
    request_attributes,
)
from services.tracing.recording.tracer import Tracer
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, RuleSampler
from services.tracing.settings import TracingSettings
from xray.wildcards import wildcard_match

BY_CALLER = ""
"""In place of a rule's name, where the caller decided."""
_EMPTY = Context()
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)
_log = logging.getLogger(__name__)


class Recorder:
    """Records requests with `tracer`. `rules` decides before a span is made; None leaves it to the tracer.

    `probes` tells which requests are recorded whatever would decide.
    """

    records_what_is_not_chosen = False

    def __init__(
        self,
        tracer: ApiTracer,
        ids: IdGenerator,
        rules: RuleSampler | None,
        settings: TracingSettings,
        probes: Probes | None = None,
    ) -> None:
        self._tracer = tracer
        self._ids = ids
        self._rules = rules
        self._trusted = settings.trusted_callers
        self._pattern = settings.naming_pattern
        self._probes = probes or Probes()

    def handle(
        self, app: WsgiApplication, environ: WsgiEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve the request, recorded where it is sampled. Only what the application raises is raised."""
        try:
            probe = self.probe_of(environ) if PROBE_HEADER in environ else None
            request = self._begin(environ, probe)
            if probe is not None:
                if isinstance(request, Unrecorded):
                    probe.refuse(Refusal.NOT_RECORDED)
                start_response = probe.answering(start_response)
        except Exception:  # noqa: BLE001 (a request must not fail for being traced)
            _log.exception("a request could not be traced; it is served untraced")
            return app(environ, start_response)
        return request.run(app, environ, start_response)

    def probe_of(self, environ: WsgiEnvironment) -> Probe:
        """Return the probe of a request with `PROBE_HEADER`, which nobody sees any more."""
        return self._probes.look(
            environ, method_of(environ), path_of(environ), lambda: self._incoming(environ)
        )

    def decide(
        self, environ: WsgiEnvironment, probe: Probe | None = None
    ) -> tuple[Decision | None, Incoming | None]:
        """Decide a request: a probe's yes, else as a trusted caller did, else by the rules.

        None leaves it to the tracer.
        """
        return self._decide(environ, method_of(environ), host_of(environ), path_of(environ), probe)

    def _decide(
        self, environ: WsgiEnvironment, method: str, host: str, path: str, probe: Probe | None
    ) -> tuple[Decision | None, Incoming | None]:
        incoming = None
        if "HTTP_X_AMZN_TRACE_ID" in environ or "HTTP_TRACEPARENT" in environ:
            incoming = self._incoming(environ)
        if probe is not None and probe.is_forced:
            return FORCED, incoming
        if self._rules is None:
            return None, incoming
        if incoming is not None and incoming.sampled is not None:
            return Decision(incoming.sampled, BY_CALLER, incoming.weight), incoming
        segment_name = None if self._pattern is None else self.segment_name(host)
        return self._rules.decide(host, method, path, segment_name), incoming

    def _incoming(self, environ: WsgiEnvironment) -> Incoming | None:
        """Return what counts of what the caller told."""
        amazon, parent = environ.get("HTTP_X_AMZN_TRACE_ID"), environ.get("HTTP_TRACEPARENT")
        if not amazon and not parent:
            return None
        incoming = read_incoming(amazon, parent, environ.get("HTTP_TRACESTATE"))
        return None if incoming is None else self._trusted.what_counts(incoming, environ.get("REMOTE_ADDR"))

    def context_of_caller(self, incoming: Incoming) -> Context:
        """Return the context that the request's span begins in."""
        return context_of(incoming, _EMPTY)

    def segment_name(self, host: str) -> str | None:
        """Return the name that X-Ray's dynamic naming gives the segment; None leaves the service's name."""
        return host if self._pattern is not None and wildcard_match(self._pattern, host) else None

    def _begin(self, environ: WsgiEnvironment, probe: Probe | None) -> "Recording | Unrecorded":
        method, host, path = method_of(environ), host_of(environ), path_of(environ)
        decision, incoming = self._decide(environ, method, host, path, probe)
        context = _EMPTY if incoming is None else self.context_of_caller(incoming)
        if "HTTP_BAGGAGE" in environ:
            context = with_baggage(environ["HTTP_BAGGAGE"], context)
        is_chosen = decision is None or decision.sampled
        if not is_chosen and not self.records_what_is_not_chosen:
            return Unrecorded(self._unsampled(incoming), context, incoming)
        attributes = request_attributes(environ, method, host, path)
        if decision is FORCED:
            attributes[SYNTHETIC_TYPE] = SYNTHETIC_TEST
        if self._pattern is not None and (segment_name := self.segment_name(host)) is not None:
            attributes[SEGMENT_NAME] = segment_name
        span = self._start(
            "HTTP" if method == OTHER_METHOD else method, attributes, context, incoming, decision
        )
        if span.is_recording():
            return Recording(span, environ, context, incoming, is_chosen=is_chosen)
        return Unrecorded(span, context, incoming)

    def _start(
        self,
        name: str,
        attributes: dict[str, Any],
        context: Context,
        incoming: Incoming | None,
        decision: Decision | None,
    ) -> ApiSpan:
        if isinstance(self._tracer, Tracer):
            return self._tracer.start_server_span(name, context, attributes, incoming, decision)
        # Of the application's own provider: it gives the trace id where the caller gave no parent.
        decided = context if decision is None else set_value(DECISION_KEY, decision, context)
        return self._tracer.start_span(name, decided, SpanKind.SERVER, attributes)

    def _unsampled(self, incoming: Incoming | None) -> NonRecordingSpan:
        """Return a span that records nothing but has ids, so that all that is called isn't sampled either."""
        trace_id = self._ids.generate_trace_id() if incoming is None else incoming.trace_id
        state = None if incoming is None else incoming.trace_state
        return NonRecordingSpan(
            SpanContext(trace_id, self._ids.generate_span_id(), False, _NOT_SAMPLED, state)
        )
