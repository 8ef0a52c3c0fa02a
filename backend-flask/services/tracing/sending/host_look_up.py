"""Looking up the daemon's name, on a thread of its own: a slow name server must not hold anything else."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.tracing.background import start_thread

AGAIN_SECONDS = 60.0
"""A daemon may move where nothing refuses what is sent to its old place."""
AGAIN_FAILING_SECONDS = 5.0


class Place(NamedTuple):
    """What a socket is made of and connected to, see socket.getaddrinfo."""

    family: int
    kind: int
    protocol: int
    address: tuple[Any, ...]


class HostLookUp:
    """Knows where a UDP host is: at once for an address, for a name after a while, and again and again.

    `found` is where it is by the last answer, None before the first; `failure` is why there is none yet, or
    why the last look-up had none.
    """

    def __init__(self, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.found: Place | None = None
        self.failure = ""
        self._host, self._port = host, port
        self._clock = clock
        self._began_at = self._ended_at = float("-inf")
        self._is_over = threading.Event()
        self._is_over.set()
        try:
            self.found = _places(host, port, socket.AI_NUMERICHOST)[0]
        except (OSError, UnicodeError):
            self._is_address = False
        else:
            self._is_address = True

    def ask(self, *, is_failing: bool) -> None:
        """Look the name up where it is time for it, sooner where the host is failing; never waits."""
        if self._is_address:
            return
        if not self._is_over.is_set():
            if self.found is None and self._clock() - self._began_at >= AGAIN_FAILING_SECONDS:
                self.failure = self.failure or "no answer yet for its name"
            return
        pause = AGAIN_FAILING_SECONDS if is_failing or self.found is None else AGAIN_SECONDS
        if self._clock() - self._ended_at < pause:
            return
        self._is_over.clear()
        self._began_at = self._clock()
        try:
            start_thread("xray-daemon-look-up", lambda: self._look_up(is_failing))
        except RuntimeError as error:  # no thread can be started now
            self._end(str(error))

    def wait(self, seconds: float) -> None:
        """Wait for the end of a look-up that is under way."""
        self._is_over.wait(max(0.0, seconds))

    def _look_up(self, is_failing: bool) -> None:
        failure = ""
        try:
            place = _choose(_places(self._host, self._port), self.found, is_failing=is_failing)
            if place != self.found:
                self.found = place
        except (OSError, UnicodeError) as error:  # the latter: a name that no host can have
            failure = str(getattr(error, "strerror", None) or error)
        finally:
            self._end(failure)

    def _end(self, failure: str) -> None:
        self.failure = failure
        self._ended_at = self._clock()
        self._is_over.set()


def _places(host: str, port: int, flags: int = 0) -> list[Place]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=flags)
    return [Place(family, kind, protocol, address) for family, kind, protocol, _, address in found]


def _choose(places: Sequence[Place], current: Place | None, *, is_failing: bool) -> Place:
    """Return the current place while it is among them and works, else the next of them."""
    if current not in places:
        return places[0]
    position = places.index(current)
    return places[(position + is_failing) % len(places)]
