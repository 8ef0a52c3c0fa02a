"""Tracing: recorded once with OpenTelemetry, decided once by X-Ray's rules, sent to X-Ray and Honeycomb.

`init_tracing(app, settings)` is all that an application calls. The first request of a process starts it,
unless `Tracing.start()` was called there before. The way of a request: wsgi, recorder (with sampling and
propagation), pipeline (with redaction), then aws_xray and honeycomb. installation.py takes over the process's
tracers, or joins those that the application set up.
"""

import logging
from typing import Any

from flask import Flask, got_request_exception, request

from services.tracing.lifecycle import Tracing
from services.tracing.recording.served import RECORDING_KEY, Recording
from services.tracing.settings import TracingSettings
from services.tracing.wsgi import TracingMiddleware

__all__ = ["Tracing", "TracingSettings", "init_tracing"]

_log = logging.getLogger(__name__)


def init_tracing(app: Flask, settings: TracingSettings) -> Tracing:
    """Give the application tracing, also found as `app.extensions["tracing"]`; nothing is started yet."""
    tracing = Tracing(settings)
    app.extensions["tracing"] = tracing

    def is_instrumented() -> bool:
        # FlaskInstrumentor's mark, whichever of the two came first.
        return bool(getattr(app, "_is_instrumented_by_opentelemetry", False))

    app.wsgi_app = TracingMiddleware(app.wsgi_app, tracing, is_instrumented)  # type: ignore[method-assign]
    # Flask turns an unhandled exception into a response, so that the middleware never sees it.
    got_request_exception.connect(_record_exception, app)
    return tracing


def _record_exception(_app: Flask, exception: BaseException, **_more: Any) -> None:
    recording = request.environ.get(RECORDING_KEY)
    if isinstance(recording, Recording):
        try:
            recording.failed(exception)
        except Exception:  # noqa: BLE001 (the application's own exception must not be replaced)
            _log.exception("an exception could not be recorded")
