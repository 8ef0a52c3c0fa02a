"""The middleware around the application."""

from collections.abc import Callable, Iterable

from services.tracing.coexistence.standing_aside import is_within_server_span, stand_aside
from services.tracing.lifecycle import Tracing
from services.tracing.recording.served import StartResponse, WsgiApplication
from services.tracing.recording.server_span import WsgiEnvironment


class TracingMiddleware:
    """Hands requests to the recorder; while there is none they pass untouched.

    `is_instrumented` tells, at each request, whether another instrumentation makes the server span.
    """

    def __init__(
        self, app: WsgiApplication, tracing: Tracing, is_instrumented: Callable[[], bool] = lambda: False
    ) -> None:
        self._app = app
        self._tracing = tracing
        self._is_instrumented = is_instrumented

    def __call__(self, environ: WsgiEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        recorder = self._tracing.recorder or self._tracing.recorder_for_request()
        if recorder is None:
            return self._app(environ, start_response)
        if self._is_instrumented() or is_within_server_span():
            return stand_aside(recorder, self._app, environ, start_response)
        return recorder.handle(self._app, environ, start_response)
