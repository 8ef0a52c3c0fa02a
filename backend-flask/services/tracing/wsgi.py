"""The middleware around the application."""

from collections.abc import Iterable

from services.tracing.lifecycle import Tracing
from services.tracing.recorder import StartResponse, WsgiApplication
from services.tracing.server_span import WsgiEnvironment


class TracingMiddleware:
    """Hands requests to the recorder; while there is none they pass untouched."""

    def __init__(self, app: WsgiApplication, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    def __call__(self, environ: WsgiEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        recorder = self._tracing.recorder
        if recorder is None:
            self._tracing.start_in_background()
            return self._app(environ, start_response)
        return recorder.handle(self._app, environ, start_response)
