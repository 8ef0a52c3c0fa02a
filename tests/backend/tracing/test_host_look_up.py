"""Looking up the daemon's name in the background."""

import socket
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from services.tracing.sending import host_look_up
from services.tracing.sending.host_look_up import AGAIN_FAILING_SECONDS, AGAIN_SECONDS, HostLookUp
from tests.backend.tracing.servers import WAIT_SECONDS

NAME = "daemon.internal"


class NameServer:
    """Answers for NAME what it is told to, in the place of the system's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: Sequence[str] = ()
        self.asked = 0
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, port: int, *, flags: int = 0, **options: Any) -> list[Any]:
        if flags & socket.AI_NUMERICHOST:
            return self._real(host, port, flags=flags, **options)
        assert host == NAME
        self.asked += 1
        if not self.answers:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [found for answer in self.answers for found in self._real(answer, port, **options)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NameServer:
    """A name server."""
    return NameServer(monkeypatch)


class Asking:
    """A look-up with a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.look_up = HostLookUp(NAME, 2000, lambda: self.now)

    def ask(self, after_seconds: float, *, is_failing: bool = False) -> str | None:
        """Let time pass, ask and wait; return the address."""
        self.now += after_seconds
        self.look_up.ask(is_failing=is_failing)
        self.look_up.wait(WAIT_SECONDS)
        return None if self.look_up.found is None else self.look_up.found.address[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_is_known_at_once(names: NameServer, host: str) -> None:
    """No name server is asked, ever."""
    look_up = HostLookUp(host, 2000)
    assert look_up.found is not None
    assert look_up.found.address[:2] == (host, 2000)
    look_up.ask(is_failing=True)
    assert names.asked == 0


def test_a_name_is_looked_up_again_from_time_to_time(names: NameServer) -> None:
    """So that a daemon that moved is found; the same place is the same object."""
    asking = Asking()
    names.answers = ["127.0.0.1"]
    assert asking.ask(0) == "127.0.0.1"
    found = asking.look_up.found
    assert asking.ask(AGAIN_SECONDS - 1) == "127.0.0.1"
    assert names.asked == 1
    asking.ask(1)
    assert (names.asked, asking.look_up.found is found) == (2, True)
    names.answers = ["127.0.0.2"]
    assert asking.ask(AGAIN_SECONDS) == "127.0.0.2"


def test_a_failure_is_told_and_keeps_the_old_place(names: NameServer) -> None:
    """It is asked again soon where nothing is known, and whenever the daemon fails."""
    asking = Asking()
    assert asking.ask(0) is None
    assert asking.look_up.failure == "Temporary failure in name resolution"
    names.answers = ["127.0.0.1"]
    assert asking.ask(AGAIN_FAILING_SECONDS - 1) is None
    assert asking.ask(1) == "127.0.0.1"
    assert asking.look_up.failure == ""
    names.answers = []
    assert asking.ask(AGAIN_FAILING_SECONDS, is_failing=True) == "127.0.0.1"
    assert asking.look_up.failure


def test_a_name_of_several_places(names: NameServer) -> None:
    """One that works is kept, whatever the order; one that fails gives way to the next."""
    asking = Asking()
    names.answers = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert asking.ask(0) == "127.0.0.1"
    names.answers = ["127.0.0.3", "127.0.0.1", "127.0.0.2"]
    assert asking.ask(AGAIN_SECONDS) == "127.0.0.1"
    assert asking.ask(AGAIN_SECONDS, is_failing=True) == "127.0.0.2"
    assert asking.ask(AGAIN_SECONDS, is_failing=True) == "127.0.0.3"


def test_a_slow_answer_is_waited_for_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking again starts no other, and after a while it is told."""
    answer, asked = threading.Event(), []

    def wait(*_: Any, flags: int = 0, **__: Any) -> Any:
        if not flags:
            asked.append(threading.current_thread().name)
            answer.wait(WAIT_SECONDS)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    now = [0.0]
    look_up = HostLookUp(NAME, 2000, lambda: now[0])
    for _ in range(3):
        look_up.ask(is_failing=False)
        assert look_up.failure == ""
    now[0] += AGAIN_FAILING_SECONDS
    look_up.ask(is_failing=True)
    assert look_up.failure == "no answer yet for its name"
    answer.set()
    look_up.wait(WAIT_SECONDS)
    assert asked == ["xray-daemon-look-up"]
    assert look_up.failure == "Name or service not known"


def test_no_thread_for_it(monkeypatch: pytest.MonkeyPatch, names: NameServer) -> None:
    """Where the system gives none it is a failure like any other."""

    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    asking = Asking()
    with monkeypatch.context() as patched:
        patched.setattr(host_look_up, "start_thread", refuse)
        assert asking.ask(0) is None
    assert asking.look_up.failure == "can't start new thread"
    names.answers = ["127.0.0.1"]
    assert asking.ask(AGAIN_FAILING_SECONDS) == "127.0.0.1"
