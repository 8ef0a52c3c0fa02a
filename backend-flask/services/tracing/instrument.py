"""Outgoing calls as spans: requests and botocore, and the context for threads.

OpenTelemetry's own instrumentations, put on once for each process, and on a library only when the application
imports it. Our own calls to AWS, the daemon and Honeycomb have instrumentation suppressed.
"""

import os
import threading
from types import ModuleType
from typing import TYPE_CHECKING

from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span
from wrapt import register_post_import_hook

from services.tracing.bare_urls import bare_url
from services.tracing.propagation import XRayAndW3CPropagator

if TYPE_CHECKING:
    from requests import PreparedRequest

STABILITY_VARIABLE = "OTEL_SEMCONV_STABILITY_OPT_IN"
_URL_ATTRIBUTES = frozenset({"url.full", "http.url"})

_lock = threading.Lock()
_is_done = False


def instrument_outgoing() -> None:
    """Put the instrumentations on; does nothing the second time, and nothing to what others instrumented."""
    global _is_done
    with _lock:
        if not _is_done:
            _instrument()
            _is_done = True


def _instrument() -> None:
    # The instrumentations have no other way to be told to write the stable conventions.
    os.environ.setdefault(STABILITY_VARIABLE, "http")
    threads = ThreadingInstrumentor()
    if not threads.is_instrumented_by_opentelemetry:
        threads.instrument(skip_dep_check=True)
    # By hook: importing botocore costs a third of a second, and before gevent's patch it must not happen.
    register_post_import_hook(_instrument_requests, "requests")
    register_post_import_hook(_instrument_botocore, "botocore.client")


def _instrument_requests(_module: ModuleType) -> None:
    from opentelemetry.instrumentation.requests import RequestsInstrumentor

    instrumentor = RequestsInstrumentor()
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(skip_dep_check=True, request_hook=_hide_secrets)


def _hide_secrets(span: Span, request: "PreparedRequest") -> None:
    """Leave query, user and password out of the span's URL; the instrumentation hides a few of them only."""
    if isinstance(span, ReadableSpan) and span.is_recording():
        url = bare_url(request.url or "")
        for name in _URL_ATTRIBUTES.intersection(span.attributes or ()):
            span.set_attribute(name, url)


def _instrument_botocore(_module: ModuleType) -> None:
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor

    instrumentor = BotocoreInstrumentor()  # type: ignore[no-untyped-call]
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(skip_dep_check=True, propagator=XRayAndW3CPropagator())
