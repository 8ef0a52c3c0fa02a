"""Looks for new values of Honeycomb's parameters while the process runs: now and then, and when asked to."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from services.tracing.background import start_thread
from services.tracing.randomness import RANDOM
from services.tracing.settings import TracingSettings
from services.tracing.startup.aws_client import make_clients
from services.tracing.startup.aws_failures import noting
from services.tracing.startup.parameters import OF_HONEYCOMB, Parameter, ParameterReader

FIRST_GAP_SECONDS = 5.0
GAP_MAX_SECONDS = 60.0
JITTER = 0.1
ASK_JITTER_SECONDS = 2.0
"""A changed key is refused to the workers of all machines at once: their looks must not be at once."""

_log = logging.getLogger(__name__)


class ParameterWatch:
    """Reads the parameters again, on a thread of its own, as startup does.

    After each look `looked` is called with Honeycomb's parameters where one has changed, else with None. An
    unusable value is refused: the old ones stay, and `problems` says so. `clock` tells monotonic seconds.
    """

    def __init__(
        self,
        settings: TracingSettings,
        parameters: Mapping[str, Parameter],
        looked: Callable[[Mapping[str, Parameter] | None], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.problems: tuple[str, ...] = ()
        self._settings = settings
        self._known = _of_honeycomb(parameters)
        self._looked = looked
        self._clock = clock
        self._reader: ParameterReader | None = None
        self._changed = threading.Condition()
        self._poll_at = self._next_poll()
        self._asked_at: float | None = None
        self._gap = FIRST_GAP_SECONDS
        self._not_before = float("-inf")
        self._is_stopping = False

    def start(self) -> None:
        """Start looking in the background."""
        start_thread("tracing-parameters", self._run)

    def stop(self) -> None:
        """Look no more; a look under way is left to end by itself."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()

    def ask(self) -> float:
        """Ask for a look because the key is refused; return in how many seconds it begins.

        The first begins within `ASK_JITTER_SECONDS`. Looks that find nothing new come ever more rarely, at
        last each minute.
        """
        with self._changed:
            now = self._clock()
            if self._asked_at is None:
                self._asked_at = max(now, self._not_before) + RANDOM.uniform(0, ASK_JITTER_SECONDS)
                self._changed.notify_all()
            return max(0.0, self._asked_at - now)

    def _run(self) -> None:
        while self._wait():
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 (whatever it is, the next look may go well)
                # The text of an error may hold a value, and this may be the key.
                self._refuse([f"unexpected {type(error).__name__} while parameters were read again"])
                self._end_look(is_new=False)
                self._looked(None)

    def _wait(self) -> bool:
        """Wait until a look is due; False where there is to be none any more."""
        with self._changed:
            while not self._is_stopping:
                due = self._poll_at if self._asked_at is None else min(self._poll_at, self._asked_at)
                left = due - self._clock()
                if left <= 0:
                    return True
                self._changed.wait(left)
            return False

    def _look(self) -> None:
        problems: list[str] = []
        found = self._read(problems)
        new: Mapping[str, Parameter] | None = None
        if problems:
            self._refuse(problems)
        else:
            if self.problems:
                _log.info("parameters can be read again")
            self.problems = ()
            if found != self._known:
                new = self._known = found
        self._end_look(is_new=new is not None)
        self._looked(new)

    def _read(self, problems: list[str]) -> dict[str, Parameter]:
        if self._reader is None:
            with noting(problems, "AWS", self._settings):
                (ssm,) = make_clients(self._settings, "ssm")
                self._reader = ParameterReader(self._settings, ssm)
        return {} if self._reader is None else _of_honeycomb(self._reader.read(problems))

    def _end_look(self, *, is_new: bool) -> None:
        with self._changed:
            now = self._clock()
            if is_new:
                self._gap = FIRST_GAP_SECONDS
            if self._asked_at is not None:
                self._asked_at = None
                self._not_before = now + self._gap
                self._gap = FIRST_GAP_SECONDS if is_new else min(GAP_MAX_SECONDS, self._gap * 2)
            self._poll_at = self._next_poll()

    def _next_poll(self) -> float:
        wait = self._settings.parameter_poll_seconds
        return self._clock() + wait * RANDOM.uniform(1 - JITTER, 1 + JITTER)

    def _refuse(self, problems: list[str]) -> None:
        for problem in problems:
            if problem not in self.problems:
                _log.warning("new parameters can't be taken up, the old ones stay: %s", problem)
        self.problems = tuple(problems)


def _of_honeycomb(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    return {name: value for name, value in parameters.items() if name in OF_HONEYCOMB}
