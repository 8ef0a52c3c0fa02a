"""Where nobody may ask Honeycomb: has the worker's span been taken there, by the worker's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.verify.probe.loss import HONEYCOMB, account
from scripts.verify.probe.waiting import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.verify.probe.backend import Account, Seen

PAUSES_SECONDS = (1.0, 1.0, 2.0)
SETTLED_SECONDS = 1.0
"""After its answer a request's span has ended, and is counted, long before that."""


class Acceptance:
    """Follows one worker's account. A worker's spans are sent in their order, so that sums tell of each one.

    *read* asks the worker, *took* tells the seconds since the probe's answer.
    """

    def __init__(
        self, before: Seen | None, pid: int | None, read: Callable[[], Seen], took: Callable[[], float]
    ) -> None:
        self._pid = pid
        self._read = read
        self._took = took
        self._dropped = _dropped_before(before, pid)
        self._wanted: int | None = None

    def look(self) -> str | Missing:
        """Return that Honeycomb has taken all that the worker had recorded by then, in words."""
        if self._dropped is None:
            return Missing("the worker's account isn't known", "let /health/tracing be read", final=True)
        settled = self._took() >= SETTLED_SECONDS
        try:
            now = account(self._read(), self._pid, HONEYCOMB)
        except OperatorError as error:
            return Missing(error.message, error.remedy)
        if now is None or not settled:
            return Missing()
        if now.dropped > self._dropped:
            return Missing(final=True)
        if self._wanted is None:
            self._wanted = now.recorded
        return self._told(now)

    def _told(self, now: Account) -> str | Missing:
        if self._wanted is None or now.sent + now.dropped < self._wanted:
            return Missing()
        return f"taken by Honeycomb, by the account of worker {self._pid}"


def _dropped_before(before: Seen | None, pid: int | None) -> int | None:
    """Return how many spans the worker had dropped; 0 for one that began since, None where it isn't known."""
    if before is None or pid is None:
        return None
    then = account(before, pid, HONEYCOMB)
    return 0 if then is None else then.dropped
