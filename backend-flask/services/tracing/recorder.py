"""Recording one request: the decision, the server span, and what came of it."""

import logging
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from opentelemetry.context import Context, attach, detach, set_value
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as ApiSpan
from opentelemetry.trace import Tracer as ApiTracer

from services.tracing.propagation import Incoming, context_of, read_incoming, response_header
from services.tracing.recording.caller_baggage import with_baggage
from services.tracing.recording.response_body import RecordedBody
from services.tracing.recording.response_headers import with_trace
from services.tracing.recording.server_span import (
    OTHER_METHOD,
    RESPONSE_SIZE,
    SEGMENT_NAME,
    WsgiEnvironment,
    host_of,
    method_of,
    path_of,
    request_attributes,
    route_of,
)
from services.tracing.recording.tracer import Tracer
from services.tracing.rules.reservoir import Decision
from services.tracing.sampling import DECISION_KEY, RuleSampler
from services.tracing.settings import TracingSettings
from xray.wildcards import wildcard_match

RECORDING_KEY = "services.tracing.recording"
"""Where a sampled request's environment has its recording, for the handler of unhandled exceptions."""

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[WsgiEnvironment, StartResponse], Iterable[bytes]]

BY_CALLER = ""
"""In place of a rule's name, where the caller decided."""
_EMPTY = Context()
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)
_log = logging.getLogger(__name__)


class Recorder:
    """Records requests with `tracer`. `rules` decides before a span is made; None leaves it to the tracer."""

    records_what_is_not_chosen = False

    def __init__(
        self, tracer: ApiTracer, ids: IdGenerator, rules: RuleSampler | None, settings: TracingSettings
    ) -> None:
        self._tracer = tracer
        self._ids = ids
        self._rules = rules
        self._trusted = settings.trusted_callers
        self._pattern = settings.naming_pattern

    def handle(
        self, app: WsgiApplication, environ: WsgiEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve the request, recorded where it is sampled. Only what the application raises is raised."""
        try:
            request = self._begin(environ)
        except Exception:  # noqa: BLE001 (a request must not fail for being traced)
            _log.exception("a request could not be traced; it is served untraced")
            return app(environ, start_response)
        return request.run(app, environ, start_response)

    def decide(self, environ: WsgiEnvironment) -> tuple[Decision | None, Incoming | None]:
        """Decide a request: as a trusted caller did, else by the rules; None leaves it to the tracer."""
        return self._decide(environ, method_of(environ), host_of(environ), path_of(environ))

    def _decide(
        self, environ: WsgiEnvironment, method: str, host: str, path: str
    ) -> tuple[Decision | None, Incoming | None]:
        incoming = None
        if "HTTP_X_AMZN_TRACE_ID" in environ or "HTTP_TRACEPARENT" in environ:
            incoming = self._incoming(environ)
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

    def _begin(self, environ: WsgiEnvironment) -> "Recording | Unrecorded":
        method, host, path = method_of(environ), host_of(environ), path_of(environ)
        decision, incoming = self._decide(environ, method, host, path)
        context = _EMPTY if incoming is None else self.context_of_caller(incoming)
        if "HTTP_BAGGAGE" in environ:
            context = with_baggage(environ["HTTP_BAGGAGE"], context)
        is_chosen = decision is None or decision.sampled
        if not is_chosen and not self.records_what_is_not_chosen:
            return Unrecorded(self._unsampled(incoming), context, incoming)
        attributes = request_attributes(environ, method, host, path)
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


class Unrecorded:
    """A request that isn't sampled: it leaves the trace's id in the response, and nothing else."""

    def __init__(self, span: ApiSpan, context: Context, incoming: Incoming | None) -> None:
        self._context = set_span_in_context(span, context)
        self._header = response_header(span.get_span_context().trace_id, incoming, sampled=False)

    def run(
        self, app: WsgiApplication, environ: WsgiEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve the request."""
        is_whole = False

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal is_whole
            try:
                headers, length = with_trace(headers, self._header)
                is_whole = length is not None
            except Exception:  # noqa: BLE001 (see Recorder.handle)
                _log.exception("a response doesn't name its trace")
            return start_response(status, headers, *rest)

        token = attach(self._context)
        try:
            body = app(environ, start)
        finally:
            detach(token)
        return body if is_whole else RecordedBody(body, self._context, None)


class Recording:
    """A sampled request on its way."""

    def __init__(
        self,
        span: ApiSpan,
        environ: WsgiEnvironment,
        context: Context,
        incoming: Incoming | None,
        *,
        is_chosen: bool = True,
    ) -> None:
        self._span = span
        self._set: Callable[[str, str | int], None] = getattr(span, "set_known", span.set_attribute)
        self._context = set_span_in_context(span, context)
        self._header = response_header(span.get_span_context().trace_id, incoming, sampled=is_chosen)
        self._environ = environ
        self._failure: BaseException | None = None
        self._body: RecordedBody | None = None

    def run(
        self, app: WsgiApplication, environ: WsgiEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Serve the request; the span ends when the body is closed, or with the exception."""
        environ[RECORDING_KEY] = self
        span = self._span

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            try:
                headers, size = with_trace(headers, self._header)
                self._name_after_route()
                if size is not None:
                    self._set(RESPONSE_SIZE, size)
                code = status[:3]
                if code.isascii() and code.isdigit():
                    self._set("http.response.status_code", int(code))
                    if code >= "500":
                        span.set_status(StatusCode.ERROR)
                        if self._failure is None:
                            self._set("error.type", code)
            except Exception:  # noqa: BLE001 (see Recorder.handle)
                _log.exception("a request's span is incomplete")
            return start_response(status, headers, *rest)

        token = attach(self._context)
        try:
            body = app(environ, start)
        except BaseException:
            self.end(*sys.exc_info())
            raise
        finally:
            detach(token)
        if isinstance(body, list | tuple) or type(body) is environ.get("wsgi.file_wrapper"):
            # Nothing of ours runs any more; a file wrapped again would lose the server's sendfile.
            self.end(None, None, None)
            return body
        self._body = RecordedBody(body, self._context, self.end)
        return self._body

    def failed(self, error: BaseException) -> None:
        """Record an exception that the application did not handle, once."""
        if error is self._failure or not isinstance(error, Exception):
            return
        self._failure = error
        self._name_after_route()
        span = self._span
        span.set_status(StatusCode.ERROR)
        self._set("error.type", type(error).__qualname__)
        span.record_exception(error)

    def end(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the span. Never raises."""
        try:
            if self._body is not None:
                self._set(RESPONSE_SIZE, self._body.size)
            if error is not None:
                self.failed(error)
        except Exception:  # noqa: BLE001 (see Recorder.handle)
            _log.exception("a request's span is incomplete")
        self._environ.pop(RECORDING_KEY, None)
        try:
            self._span.end()
        except Exception:  # noqa: BLE001 (a span processor of the application's own)
            _log.exception("a request's span could not be ended")

    def _name_after_route(self) -> None:
        """Name the span `METHOD route` once routing is done and before Flask forgets the request."""
        route = route_of(self._environ)
        if route is not None:
            method = method_of(self._environ)
            self._set("http.route", route)
            self._span.update_name(f"{'HTTP' if method == OTHER_METHOD else method} {route}")
