"""What is to happen when something takes too long."""

import contextlib
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def at_most(seconds: float, otherwise: Callable[[], object]) -> Iterator[None]:
    """Call `otherwise`, in a thread of its own, unless the block ends within so many seconds."""
    timer = threading.Timer(seconds, otherwise)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
