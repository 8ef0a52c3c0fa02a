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


class CanNotTellError(Exception):
    """The accounts that are known don't tell of the probe's span; the text says why."""


class Acceptance:
    """Follows one worker's account. A worker's spans are sent in their order, so that sums tell of each one.

    *read* asks any worker, *took* tells the seconds since the probe's answer.
    """

    def __init__(
        self, before: Seen | None, worker: str | None, read: Callable[[], Seen], took: Callable[[], float]
    ) -> None:
        self._before = before
        self._worker = worker
        self._read = read
        self._took = took
        then = account(before, worker, HONEYCOMB)
        self._dropped = None if then is None else then.dropped
        self._wanted: int | None = None
        self.is_known = False
        """Whether any answer since the probe had the worker's account."""

    def look(self) -> str | Missing:
        """Return that Honeycomb has taken all that the worker had recorded by then, in words.

        Raises CanNotTellError where the account can't tell, however long it is asked.
        """
        if self._worker is None:
            raise CanNotTellError("the backend tells no worker's id")
        try:
            seen = self._read()
        except OperatorError as error:
            return Missing(error.message, error.remedy)
        now = account(seen, self._worker, HONEYCOMB)
        if now is None:
            return Missing()
        self.is_known = True
        if self._dropped is None:
            self._dropped = self._dropped_before(seen, now)
        if self._took() < SETTLED_SECONDS:
            return Missing()
        if now.dropped > self._dropped:
            return Missing(final=True)
        if self._wanted is None:
            self._wanted = now.recorded
        return self._told(now)

    def _told(self, now: Account) -> str | Missing:
        if self._wanted is None or now.sent + now.dropped < self._wanted:
            return Missing()
        return f"taken by Honeycomb, by the account of worker {self._worker}"

    def _dropped_before(self, seen: Seen, now: Account) -> int:
        """Return how many spans a worker that wasn't known before the probe had dropped by then.

        None, where it began since: the account before was of all workers of the same host. Else the first
        reading is the baseline; if it has drops, whether the probe's span is among them can't be told.
        """
        before = self._before
        is_new = (
            before is not None
            and before.is_shared
            and seen.is_shared
            and not before.accounts.keys().isdisjoint(seen.accounts)
        )
        if now.dropped and not is_new:
            raise CanNotTellError(
                f"worker {self._worker} has dropped {now.dropped} spans, before the probe or since"
            )
        return 0
