"""The application of bench/application.py for gunicorn: alone, and with the backend's tracing.

``gunicorn -c backend-flask/gunicorn.conf.py 'bench.served:plain()'`` or ``'bench.served:ours()'``: the same
configuration serves both, so that nothing but the tracing differs.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from bench.application import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask


def plain() -> Flask:
    """Return the application without tracing; the configuration finds one that is off, beside it."""
    from services.tracing import Tracing, TracingSettings

    app = _create_app(nullcontext)
    app.extensions["tracing"] = Tracing(TracingSettings(disabled=True))
    return app


def ours() -> Flask:
    """Return the application with the backend's tracing; two spans a request."""
    from opentelemetry import trace

    from services.tracing import TracingSettings, init_tracing

    tracer = trace.get_tracer("bench")
    app = _create_app(lambda: tracer.start_as_current_span("work"))
    init_tracing(app, TracingSettings.from_environment(os.environ))
    return app


def _create_app(work: Callable[[], AbstractContextManager[Any]]) -> Flask:
    """Return the application with what the configuration looks for: log lines stay on standard output."""
    from services.logging.lifecycle import LogShipping
    from services.logging.settings import LoggingSettings

    app = create_app(work)
    app.extensions["log_shipping"] = LogShipping(
        LoggingSettings(), None, environment="bench", code_version="0"
    )
    return app
