"""Work that is handed to threads stays in its trace.

OpenTelemetry's ThreadingInstrumentor does the same and costs each request that a server hands to its own
thread pool some thirty microseconds; here nothing is done where there is no context to hand over. Where the
application has put theirs on, it stays alone.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, wraps
from typing import Any

from opentelemetry.context import Context, attach, detach, get_current

_EMPTY = Context()
_THEIRS = "opentelemetry.instrumentation.threading"


def instrument_threads() -> None:
    """Hand the current context to threads and thread pools from now on; call it once."""
    if _are_instrumented():
        return
    start = threading.Thread.start
    submit: Callable[..., Future[Any]] = ThreadPoolExecutor.submit

    @wraps(start)
    def start_in_context(self: threading.Thread) -> None:
        context = get_current()
        if context:
            # On the thread itself: `run` of a subclass, or of a Timer, is wrapped as well.
            self.run = partial(_run, self, context, vars(self).get("run"))  # type: ignore[method-assign]
        start(self)

    @wraps(submit)
    def submit_in_context(
        self: ThreadPoolExecutor, function: Callable[..., Any], /, *args: Any, **named: Any
    ) -> Future[Any]:
        context = get_current()
        if not context:
            return submit(self, function, *args, **named)
        # A thread that the pool starts for this outlives it, and must not keep its context.
        token = attach(_EMPTY)
        try:
            return submit(self, _in_context, context, function, *args, **named)
        finally:
            detach(token)

    threading.Thread.start = start_in_context  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = submit_in_context  # type: ignore[assignment, method-assign]


def _are_instrumented() -> bool:
    theirs = sys.modules.get(_THEIRS)
    return theirs is not None and theirs.ThreadingInstrumentor().is_instrumented_by_opentelemetry


def _run(thread: threading.Thread, context: Context, own: Callable[[], None] | None) -> None:
    """Run a thread in the context, with the `run` that it had: a thread that held itself would stay."""
    if own is None:
        del thread.run
    else:
        thread.run = own  # type: ignore[method-assign]
    _in_context(context, thread.run)


def _in_context(context: Context, function: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
    token = attach(context)
    try:
        return function(*args, **named)
    finally:
        detach(token)
