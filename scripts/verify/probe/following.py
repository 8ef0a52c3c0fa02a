"""``probe.xray`` and ``probe.honeycomb``: is the probe's trace there, since when, and if not, who lost it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scripts import secrets
from scripts.errors import OperatorError
from scripts.traces import links
from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.probe import accepted, backend, honeycomb, loss, xray
from scripts.verify.probe.waiting import Found, Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_xray import XRayClient

    from scripts.honeycomb.api import Access
    from scripts.verify.probe.backend import Seen
    from scripts.verify.probe.waiting import Waiting

ACCOUNT_EACH_SECONDS = 3.0
_AROUND_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """Where the trace should arrive, and who is asked."""

    environment: str
    local: bool
    xray: XRayClient
    region: str
    caller_arn: str
    endpoint: str
    dataset: str
    keys: honeycomb.Keys
    say: Callable[[str], None]


@dataclass(frozen=True)
class Followed:
    """The probe that is followed: its trace, when it began (epoch seconds), who (by id) has recorded it."""

    trace_id: str
    began: float
    worker: str | None
    address: str
    before: Seen | None


class Following:
    """Waits for one trace; the two waits may run side by side."""

    def __init__(self, place: Place, followed: Followed, waiting: Waiting) -> None:
        self._place = place
        self._followed = followed
        self._waiting = waiting
        trace = followed.trace_id
        self._within = f"trace {trace} within {waiting.seconds:.0f} s"

    def xray(self) -> Result:
        """Return whether the trace is in X-Ray."""
        place, trace_id = self._place, self._followed.trace_id
        look = self._hopefully(partial(xray.look, place.xray, trace_id, local=place.local), loss.XRAY)
        told = self._waiting.until(look, xray.PAUSES_SECONDS)
        environment = "" if place.local else f" ENV={place.environment}"
        here = f"make traces{environment} TRACE={trace_id}"
        link = self._links(None).get("xray_console", here)
        return self._result("probe.xray", loss.XRAY, "X-Ray", told, link)

    def honeycomb(self) -> Result:
        """Return whether the trace is in Honeycomb, or was taken by it where nobody may ask."""
        place = self._place
        asker = honeycomb.Asker(
            place.endpoint,
            place.keys,
            place.dataset,
            rotate=f"run `make rotate-honeycomb-key ENV={place.environment}` with a key that Honeycomb knows",
            local=place.local,
            tell=place.say,
            waiting=self._waiting,
        )
        look = self._hopefully(partial(asker.look, self._followed.trace_id), loss.HONEYCOMB)
        try:
            told = self._waiting.until(look, honeycomb.PAUSES_SECONDS)
        except honeycomb.CanNotAskError as error:
            return self._accepted(str(error), asker.access)
        return self._result("probe.honeycomb", loss.HONEYCOMB, "Honeycomb", told, self._link(asker.access))

    def _accepted(self, why: str, access: Access | None) -> Result:
        """Return what can be told without asking: the worker's account of what Honeycomb has taken."""
        followed, check_id = self._followed, "probe.honeycomb"
        wanted = f"trace {followed.trace_id} taken by Honeycomb within {self._waiting.seconds:.0f} s"
        before = followed.before
        if before is None or loss.next_hop(before, loss.HONEYCOMB) != "Honeycomb":
            hop = "" if before is None else f": it sends to {loss.next_hop(before, loss.HONEYCOMB)}"
            untold = f"the backend doesn't tell that it sends there itself{hop}"
            return self._skipped(wanted, f"nobody may ask Honeycomb ({why}), and {untold}", access)
        acceptance = accepted.Acceptance(
            before, followed.worker, partial(backend.read, followed.address), lambda: self._waiting.took
        )
        try:
            told = self._waiting.until(acceptance.look, accepted.PAUSES_SECONDS)
        except accepted.CanNotTellError as error:
            return self._skipped(wanted, f"nobody may ask Honeycomb ({why}), and {error}", access)
        if isinstance(told, Missing) and not told.heard and not acceptance.is_known:
            untold = f"{followed.address} has no account of worker {followed.worker}"
            return self._skipped(wanted, f"nobody may ask Honeycomb ({why}), and {untold}", access)
        if isinstance(told, Found):
            actual = f"{told.words} after {told.seconds:.1f} s; not asked for there: {why}"
            return passed(check_id, wanted, _with_link(actual, self._link(access)))
        return self._result(check_id, loss.HONEYCOMB, "Honeycomb", told, self._link(access))

    def _skipped(self, wanted: str, actual: str, access: Access | None) -> Result:
        variable = secrets.KEY_VARIABLE if self._place.local else secrets.CONFIGURATION_VARIABLE
        remedy = f"export {variable}, a configuration key that may Run Queries"
        shown = _with_link(actual, self._link(access))
        return Result("probe.honeycomb", Status.SKIP, wanted, shown, remedy)

    def _result(self, check_id: str, hop: str, name: str, told: Found | Missing, link: str) -> Result:
        wanted = f"{self._within} in {name}"
        if isinstance(told, Found):
            self._place.say(f"probe: in {name} after {told.seconds:.1f} s")
            return passed(check_id, wanted, _with_link(f"{told.words} after {told.seconds:.1f} s", link))
        if told.final and told.heard:
            return failed(check_id, wanted, told.heard, told.remedy)
        lost = self._lost(hop)
        heard = f"; {told.heard}" if told.heard else ""
        return failed(
            check_id, wanted, f"not there after {self._waiting.took:.0f} s: {lost.where}{heard}", lost.remedy
        )

    def _hopefully(self, look: Callable[[], str | Missing], hop: str) -> Callable[[], str | Missing]:
        """Return *look*, which ends the wait where the worker has dropped the span; asked now and then."""
        asked_at = self._waiting.took

        def looked() -> str | Missing:
            nonlocal asked_at
            told = look()
            if isinstance(told, str) or told.final or self._waiting.took < asked_at + ACCOUNT_EACH_SECONDS:
                return told
            asked_at = self._waiting.took
            return Missing(final=True) if self._is_lost_for_good(hop) else told

        return looked

    def _is_lost_for_good(self, hop: str) -> bool:
        followed = self._followed
        try:
            after = backend.read(followed.address)
        except OperatorError:
            return False
        return loss.is_for_good(followed.before, after, followed.worker, hop)

    def _lost(self, hop: str) -> loss.Lost:
        followed = self._followed
        try:
            after = backend.read_worker(
                followed.address, followed.worker, has_time=lambda: self._waiting.left > 0
            )
        except OperatorError:
            after = None
        return loss.find(followed.before, after, followed.worker, hop)

    def _link(self, access: Access | None) -> str:
        found = self._links(access)
        return found.get("honeycomb") or found.get("local_honeycomb_events", "")

    def _links(self, access: Access | None) -> dict[str, str]:
        place, followed = self._place, self._followed
        if place.local:
            made = links.Links(local_honeycomb=place.endpoint)
        else:
            made = links.console(place.region, place.caller_arn)
        address = links.ui_of(place.endpoint)
        if access is not None and address and access.team:
            made = made.with_honeycomb(links.Place(address, access.team, access.environment))
        return made.of(followed.trace_id, followed.began - _AROUND_SECONDS, followed.began + _AROUND_SECONDS)


def _with_link(text: str, link: str) -> str:
    return f"{text}; {link}" if link else text
