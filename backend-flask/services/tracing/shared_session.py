"""The session of this process: one for all of its applications, as there is one provider."""

import os
import threading
from dataclasses import fields

from services.tracing.errors import ResourceError
from services.tracing.session import Session
from services.tracing.settings import TracingSettings


class SharedSession:
    """Holds the session that is at work, and who takes part in it; the last one to leave ends it."""

    def __init__(self) -> None:
        self.after_fork()

    def after_fork(self) -> None:
        """Begin anew in a child process, which has none of its parent's threads and perhaps a lock held."""
        self._claiming = threading.Lock()
        self._pid: int | None = None
        self._make_locks()
        self._session: Session | None = None
        self._settings: TracingSettings | None = None
        self._users: set[object] = set()

    def _make_locks(self) -> None:
        self._lock = threading.Lock()
        self.turn = threading.Lock()
        """Held while a session is made: of applications that start at once one makes it."""

    def claim(self) -> None:
        """Before the first use in a process: gevent may have patched since the fork, see Tracing."""
        with self._claiming:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._make_locks()

    def join(self, user: object, settings: TracingSettings) -> Session | None:
        """Take part in the session that is at work; None where none is.

        Raises:
            ResourceError: it works with other settings.
        """
        with self._lock:
            session = self._session
            if session is None:
                return None
            if self._settings != settings:
                raise ResourceError([_differing(self._settings, settings)])
            self._users.add(user)
            return session

    def begin(self, user: object, settings: TracingSettings, session: Session) -> None:
        """Let others take part in a session that `user` started."""
        with self._lock:
            self._session, self._settings = session, settings
            self._users.add(user)

    def leave(self, user: object) -> Session | None:
        """Take part no more. Returns the session, which records nothing more, where nobody else does."""
        with self._lock:
            self._users.discard(user)
            session = self._session
            if session is None or self._users:
                return None
            self._session = self._settings = None
            # Before anybody begins another one, which this would stop.
            session.stop_recording()
            return session


def _differing(ours: TracingSettings | None, others: TracingSettings) -> str:
    names = [
        field.name for field in fields(others) if getattr(ours, field.name) != getattr(others, field.name)
    ]
    return (
        "another application of this process is traced with other settings"
        f" ({', '.join(names)}): give all of them the same TracingSettings, or a process each"
    )
