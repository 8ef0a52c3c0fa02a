"""Tracing's life in a process: start, late start, renewal after a fork, stop."""

import atexit
import logging
import math
import os
import sys
import threading
import time
import weakref
from datetime import UTC, datetime
from typing import Any

from services.tracing.background import start_thread
from services.tracing.errors import ResourceError, TracingRequiredError
from services.tracing.instrumentation.outgoing import instrument_outgoing
from services.tracing.recorder import Recorder
from services.tracing.resources import load
from services.tracing.session import Session
from services.tracing.settings import TracingSettings
from services.tracing.shared_session import SharedSession
from services.tracing.status import make_status

FIRST_REQUEST_SECONDS = 3.0
"""How long requests wait for a start that nobody but they asked for."""
FIRST_RETRY_SECONDS = 5.0
RETRY_MAX_SECONDS = 60.0

_log = logging.getLogger(__name__)
_all: "weakref.WeakSet[Tracing]" = weakref.WeakSet()
_shared = SharedSession()


class Tracing:
    """Tracing of one application. In each process it starts once, after the fork, and stops once.

    Several applications of a process share one session, where their settings are equal.
    """

    def __init__(self, settings: TracingSettings) -> None:
        self.settings = settings
        self.recorder: Recorder | None = None
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        """Forget what belongs to another process: its threads did not come along, its locks may be held."""
        self.recorder = None
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._starting = threading.Lock()
        self._tried = threading.Event()
        self._waiting_until = 0.0
        self._started_at: str | None = None
        self._session: Session | None = None
        self._problems: tuple[str, ...] = ()
        self._stop = threading.Event()
        self._retrying: threading.Thread | None = None

    @property
    def mode(self) -> str:
        """`direct`, `collector`, `otlp` or `off`, see the settings."""
        return self.settings.mode

    @property
    def reads_parameters(self) -> bool:
        """Tell whether parameters are read at the start."""
        return self.mode != "off" and self.settings.parameter_path is not None

    @property
    def parameters(self) -> dict[str, str] | None:
        """The values of the parameters that were read, by name below the path; None while none are."""
        resources = self._session.resources if self._session is not None else None
        return None if resources is None else {name: one.value for name, one in resources.parameters.items()}

    def start(self) -> None:
        """Start in this process; does nothing where it is started. Takes a few seconds at most.

        Where something is missing and tracing isn't required, the application is served untraced, and it is
        tried again in the background.

        Raises:
            TracingRequiredError: tracing is required and something is missing; a line for each.
        """
        if not self._claim():
            return
        if not self._try() and not self._stop.is_set():
            if self.settings.required:
                raise TracingRequiredError(self._problems)
            self._retrying = start_thread("tracing-start", self._keep_trying)

    def recorder_for_request(self) -> Recorder | None:
        """Return the recorder, started here where nobody did in this process; None: serve untraced.

        Requests wait for the first try, all of them until the same moment, so that the first one is recorded
        too. Where it takes longer or fails, it goes on in the background. Never raises.
        """
        if self._pid is None and self._claim():
            self._retrying = start_thread("tracing-start", self._try_until_done)
        if not self._tried.is_set():
            self._tried.wait(max(0.0, self._waiting_until - time.monotonic()))
        return self.recorder

    def _claim(self) -> bool:
        with self._lock:
            if self._pid == os.getpid():
                return False
            # gevent may have patched since the fork: made now, they are of a kind that lets others run.
            self._tried, self._starting = threading.Event(), threading.Lock()
            _shared.claim()
            self._waiting_until = time.monotonic() + FIRST_REQUEST_SECONDS
            self._pid = os.getpid()
            atexit.register(self.shutdown)
            self._started_at = datetime.now(UTC).isoformat()
            return True

    def _try(self) -> bool:
        """Start once; return whether it is done, also where there is nothing to do. Never raises."""
        try:
            return self._try_now()
        finally:
            self._tried.set()

    def _try_now(self) -> bool:
        try:
            self._start_now()
        except ResourceError as error:
            for problem in error.problems:
                if problem not in self._problems:
                    _log.warning("tracing can't start: %s", problem)
            self._problems = error.problems
            return False
        except Exception as error:  # noqa: BLE001 (whatever it is, it must neither end the worker nor the loop)
            problem = _unexpected(error)
            if problem not in self._problems:
                _log.exception("tracing can't start: unexpected error")
            self._problems = (problem,)
            return False
        self._problems = ()
        return True

    def _start_now(self) -> None:
        mode = self.mode
        if mode == "off":
            return
        with _shared.turn:
            joined = _shared.join(self, self.settings)
            session = joined or Session(
                self.settings, load(self.settings) if self.settings.parameter_path else None
            )
            with self._starting:
                if self._stop.is_set():
                    if joined is not None:
                        self._leave(self.settings.shutdown_deadline_seconds)
                    return
                if joined is None:
                    self._begin(session)
                self._problems = ()  # whoever sees the session sees no cause of an earlier try beside it
                self._session = session
                self.recorder = session.recorder
        if joined is None:
            _log.info("tracing started: mode %s, service %s", mode, session.service_name)
        else:
            _log.info("tracing is shared with another application of this process")

    def _begin(self, session: Session) -> None:
        try:
            session.start()
            instrument_outgoing()
        except BaseException:
            session.close(time.monotonic())
            raise
        _shared.begin(self, self.settings, session)

    def _leave(self, seconds: float) -> None:
        session = _shared.leave(self)
        if session is not None:
            session.close(time.monotonic() + seconds)

    def _try_until_done(self) -> None:
        if not self._try():
            self._keep_trying()

    def _keep_trying(self) -> None:
        wait = FIRST_RETRY_SECONDS
        while not self._stop.wait(wait):
            if self._try():
                return
            wait = min(RETRY_MAX_SECONDS, wait * 2)

    def shutdown(self, seconds: float = math.inf) -> None:
        """Stop and send what is recorded, within the settings' deadline, or `seconds` where that is less.

        Where other applications of this process are still traced, the last of them sends it. Does nothing
        the second time.
        """
        self._stop.set()
        with self._starting:
            self.recorder = None
            is_here = self._session is not None and self._pid == os.getpid()
        if is_here:
            self._leave(min(self.settings.shutdown_deadline_seconds, seconds))

    def status(self) -> dict[str, Any]:
        """Return the document of /health/tracing."""
        session = self._session
        return make_status(
            mode=self.mode,
            required=self.settings.required,
            started_at=self._started_at,
            problems=self._problems,
            session=session,
            capacity=self.settings.queue.spans,
        )

    def after_fork(self) -> None:
        """Begin anew in a child process."""
        if self._session is not None:
            self._session.leave_behind()
        self._reset()


def _unexpected(error: Exception) -> str:
    if isinstance(error, RecursionError) and "gevent" in sys.modules:
        return (
            "gevent patched ssl after it was imported, so that no TLS connection can be made: call"
            " gevent.monkey.patch_all() before anything else is imported, or leave out --preload"
        )
    return f"unexpected {type(error).__name__}: report it with its traceback, which the log has"


def _after_fork() -> None:
    _shared.after_fork()
    for tracing in tuple(_all):
        tracing.after_fork()


os.register_at_fork(after_in_child=_after_fork)
