"""Waiting for a rollout to end, with what ECS says as it says it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.deploy import calls, rollout, service
from scripts.deploy.rollout import Kind
from scripts.errors import InterruptedRunError, OperatorError
from scripts.telemetry import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names
    from scripts.deploy.rollout import Service
    from scripts.output import Output

POLL_SECONDS = 5.0
LOCAL_POLL_SECONDS = 0.5
WAIT_SECONDS_MAX = 1800.0
FAILED_LOOKS = 3
"""How often in a row a failure is seen before it counts: ECS going back from it may come next."""
_ENDED = {Kind.STEADY, Kind.ROLLED_BACK, Kind.REPLACED, Kind.GONE}


@dataclass(frozen=True)
class Ended:
    """How a rollout ended, and the service as it was then."""

    kind: Kind
    service: Service | None


@contextmanager
def goes_on(again: str) -> Iterator[None]:
    """Have an interrupt in the block say that the rollout goes on, and which command waits for it *again*."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            "interrupted while the service rolls out, which goes on by itself",
            remedy=f"run `{again}` again to wait for it",
        ) from error


@dataclass(frozen=True)
class Watch:
    """What is waited for: task definition *wanted*; *known* are the events from before."""

    aws: Aws
    names: Names
    wanted: str
    known: frozenset[str]
    output: Output
    is_local: bool
    again: str
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def wait(self) -> Ended:
        """Return once the rollout has ended.

        Raises OperatorError where it takes longer than half an hour or AWS can't be asked, and
        InterruptedRunError at an interrupt: the rollout itself goes on then.
        """
        with current.step("rollout"), goes_on(self.again):
            return self._wait()

    def _wait(self) -> Ended:
        deadline = self.clock() + WAIT_SECONDS_MAX
        told, was_primary, failed, counted = set(self.known), False, 0, ""
        while True:
            seen = self._look()
            for event in seen.new_events(told) if seen is not None else ():
                self.output.say(f"  {event.at:%H:%M:%S} {event.words}")
                told.add(event.id)
            primary = seen.primary if seen is not None else None
            was_primary = was_primary or (primary is not None and primary.definition == self.wanted)
            kind = rollout.judge(seen, self.wanted, self.known, was_primary=was_primary)
            failed = failed + 1 if kind is Kind.FAILED else 0
            if kind in _ENDED or failed >= FAILED_LOOKS:
                return Ended(kind, seen)
            counts = f"{kind}: {seen.running} of {seen.desired} tasks run" if seen is not None else str(kind)
            if counts != counted:
                self.output.say(f"  {counts}")
                counted = counts
            if self.clock() > deadline:
                raise OperatorError(
                    f"the service is still {kind} after {WAIT_SECONDS_MAX / 60:.0f} minutes, and goes on",
                    remedy=f"run `{self.again}` again to wait for it",
                )
            self.sleep(LOCAL_POLL_SECONDS if self.is_local else POLL_SECONDS)

    def _look(self) -> Service | None:
        try:
            return calls.patiently(
                lambda: service.look(self.aws, self.names), local=self.is_local, say=self.output.say
            )
        except OperatorError as error:
            raise OperatorError(
                f"{error.message}; the service rolls out all the same",
                remedy=f"{error.remedy}; then `{self.again}` waits for it",
            ) from error
