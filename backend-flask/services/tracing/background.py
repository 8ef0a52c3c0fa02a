"""Threads of our own: daemons without instrumentation, outside of every request's context."""

import threading
from collections.abc import Callable

from opentelemetry.context import Context, attach, detach
from opentelemetry.instrumentation.utils import suppress_instrumentation


def start_thread(name: str, run: Callable[[], None]) -> threading.Thread:
    """Start `run` in a daemon thread; what it calls makes no spans and belongs to no trace."""

    def isolated() -> None:
        attach(Context())
        with suppress_instrumentation():
            run()

    # The threading instrumentation would hand the caller's context to the thread and keep it alive.
    token = attach(Context())
    try:
        thread = threading.Thread(target=isolated, name=name, daemon=True)
        thread.start()
    finally:
        detach(token)
    return thread
