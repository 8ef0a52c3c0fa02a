"""Outgoing calls as spans: requests, botocore, psycopg and sqlite3, and the context for threads.

OpenTelemetry's own instrumentations, put on once for each process, and on a library only when the application
imports it. Our own calls to AWS, the daemon and Honeycomb have instrumentation suppressed.
"""

import logging
import os
import threading
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span
from wrapt import register_post_import_hook

from services.tracing.coexistence.installation import guest
from services.tracing.coexistence.process_propagator import ProcessPropagator
from services.tracing.instrumentation.threads import instrument_threads
from services.tracing.privacy.bare_urls import bare_url

if TYPE_CHECKING:
    from requests import PreparedRequest

STABILITY_VARIABLE = "OTEL_SEMCONV_STABILITY_OPT_IN"
_URL_ATTRIBUTES = frozenset({"url.full", "http.url"})

_log = logging.getLogger(__name__)
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
    if guest() is None:
        # The instrumentations have no other way to be told to write the stable conventions. What goes to the
        # application's own exporters too keeps the conventions that these know.
        os.environ.setdefault(STABILITY_VARIABLE, "http")
    instrument_threads()
    # By hook: importing botocore costs a third of a second, and before gevent's patch it must not happen.
    for library, instrument in _LIBRARIES.items():
        register_post_import_hook(_never_raising(instrument), library)


def _never_raising(instrument: Callable[[], None]) -> Callable[[ModuleType], None]:
    """Return a hook for an import, which must not fail for what is missing or unfit here."""

    def hook(module: ModuleType) -> None:
        try:
            instrument()
        except Exception as error:  # noqa: BLE001 (see above)
            _log.warning(
                "%s is not instrumented (%s: %s): install the packages of backend-flask/requirements.txt",
                module.__name__,
                type(error).__name__,
                error,
            )

    return hook


def _instrument_requests() -> None:
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


def _instrument_botocore() -> None:
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor

    instrumentor = BotocoreInstrumentor()  # type: ignore[no-untyped-call]
    if not instrumentor.is_instrumented_by_opentelemetry:
        joined = guest()
        propagator = ProcessPropagator(joined.decision_of if joined else None)
        instrumentor.instrument(skip_dep_check=True, propagator=propagator)


def _instrument_psycopg() -> None:
    from services.tracing.instrumentation.sql import instrument_psycopg

    instrument_psycopg()


def _instrument_sqlite3() -> None:
    from services.tracing.instrumentation.sql import instrument_sqlite3

    instrument_sqlite3()


_LIBRARIES: dict[str, Callable[[], None]] = {
    "requests": _instrument_requests,
    "botocore.client": _instrument_botocore,
    "psycopg": _instrument_psycopg,
    "sqlite3": _instrument_sqlite3,
}
"""What is done at the import of which module."""


def _after_fork() -> None:
    """A thread of the parent's may have held the lock, and did not come along."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)
