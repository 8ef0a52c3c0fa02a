"""A request on its way through the application, sampled or not, and what came of it."""

import logging
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Span, StatusCode, set_span_in_context

from services.tracing.propagation import Incoming, response_header
from services.tracing.recording.response_body import RecordedBody
from services.tracing.recording.response_headers import with_trace
from services.tracing.recording.server_span import (
    OTHER_METHOD,
    RESPONSE_SIZE,
    WsgiEnvironment,
    method_of,
    route_of,
)

RECORDING_KEY = "services.tracing.recording"
"""Where a sampled request's environment has its recording, for the handler of unhandled exceptions."""

StartResponse = Callable[..., Any]
WsgiApplication = Callable[[WsgiEnvironment, StartResponse], Iterable[bytes]]

_log = logging.getLogger(__name__)


class Unrecorded:
    """A request that isn't sampled: it leaves the trace's id in the response, and nothing else."""

    def __init__(self, span: Span, context: Context, incoming: Incoming | None) -> None:
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
        span: Span,
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
