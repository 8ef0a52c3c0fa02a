"""A fork while another thread holds a lock of the tracing's: the child has its own."""

import os
import threading
from typing import Any

import pytest

from services.tracing.coexistence import installation
from services.tracing.instrumentation import outgoing
from services.tracing.loaded import teller
from tests.backend.tracing.servers import WAIT_SECONDS


@pytest.mark.parametrize(
    ("owner", "name"),
    [(installation, "_lock"), (outgoing, "_lock"), (teller._Worker, "lock")],
    ids=["installation", "outgoing", "teller"],
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_waits_for_no_thread_of_its_parent(owner: Any, name: str) -> None:
    """The thread that would give the lock back is not in the child."""
    is_held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with getattr(owner, name):
            is_held.set()
            release.wait(WAIT_SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert is_held.wait(WAIT_SECONDS)
        child = os.fork()
        if child == 0:
            os._exit(0 if getattr(owner, name).acquire(timeout=1) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not getattr(owner, name).acquire(blocking=False)
    finally:
        release.set()
        thread.join()
