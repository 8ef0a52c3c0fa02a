"""From a run that failed to one line: what went wrong, where, and the remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts import state
from scripts.aws import FAILURES
from scripts.errors import InterruptedRunError, OperatorError
from scripts.terragrunt.units import KEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.session import Session
    from scripts.terragrunt.execution import Outcome
    from scripts.terragrunt.log import Problem

LENGTH_MAX = 600
_NO_BUCKET = re.compile(r"NoSuchBucket|S3 bucket \S+ does not exist|bucket does not exist", re.IGNORECASE)
_EMPTY_KEY = "Value ''"
_DENIED = re.compile(r"AccessDenied|not authorized to perform|UnauthorizedOperation")
_EXPIRED = re.compile(r"ExpiredToken|RequestExpired|TokenRefreshRequired")
_WRITES_KEY = "PutParameter"
_CERTIFICATE = {
    "CertificateNotFound": "set service_certificate_arn to an ACM certificate of this account and region",
    "PENDING_VALIDATION": "make the DNS records that `make output ENV={env} UNIT=service` names",
}


def require_success(session: Session, verb: str, outcome: Outcome) -> None:
    """Raise OperatorError where *verb* was interrupted (then an InterruptedRunError) or failed."""
    if outcome.interrupted:
        raise interruption(session, verb)
    if outcome.code != 0:
        raise failure(session, verb, outcome)


def failure(session: Session, verb: str, outcome: Outcome) -> OperatorError:
    """Return why *verb* failed and what to do about it."""
    name = session.environment.name
    lock = outcome.log.lock
    if lock:
        return OperatorError(f"the state {locked(lock)}", remedy=unlocking(name, lock.get("ID", "<id>")))
    if outcome.log.lacking:
        unit, needed = next(iter(outcome.log.lacking.items()))
        return OperatorError(
            f"{verb} failed in {unit}: it needs what unit {needed} makes, and that is not applied",
            remedy=f"run `make apply ENV={name} UNIT={needed}`, then this again",
        )
    problem = chosen(outcome.log.problems)
    if problem is not None and _NO_BUCKET.search(problem.text):
        return OperatorError(
            f"the state bucket {session.any_unit.bucket} does not exist",
            remedy=f"run `make apply ENV={name}`",
        )
    where = ", ".join(outcome.failed or ([problem.unit] if problem and problem.unit else []))
    place = f" in {where}" if where else ""
    reason = problem.text if problem else f"Terragrunt ended with {outcome.code}"
    if len(reason) > LENGTH_MAX:
        reason = f"{reason[: LENGTH_MAX - 3]}..."
    return OperatorError(f"{verb} failed{place}: {reason}", remedy=remedy(session, problem))


def remedy(session: Session, problem: Problem | None) -> str:
    """Return what to do about *problem*.

    After a failed write of the key the state holds its number already: another apply would send SSM an
    empty value, only a new number writes again.
    """
    rotate = f"run `make rotate-honeycomb-key ENV={session.environment.name}`"
    text = problem.text if problem else ""
    is_key = problem is not None and problem.unit == KEY_UNIT
    if is_key and _EMPTY_KEY in text:
        return rotate
    if _EXPIRED.search(text):
        return "sign in again, or export fresh AWS credentials, then run it again"
    if _DENIED.search(text):
        again = rotate if is_key and _WRITES_KEY in text else "run it again"
        return f"have this action allowed for these credentials, then {again}"
    for words, what in _CERTIFICATE.items():
        if words in text:
            return f"{what.format(env=session.environment.name)}, then run it again"
    if "Invalid value for variable" in text:
        return f"correct {session.any_unit.target.source}"
    return "see the lines above, then run it again"


def locked(lock: Mapping[str, str]) -> str:
    """Return who holds a lock, by the fields that Terraform prints of it."""
    unit = lock.get("Unit") or "a unit"
    run = lock.get("Operation", "unknown operation")
    return f"of {unit} is locked by {lock.get('Who', '?')} ({run}) since {lock.get('Created', '?')}"


def unlocking(environment_name: str, lock_id: str) -> str:
    """Return what to do about a lock."""
    free = freeing(environment_name, lock_id)
    return f"wait until that run has ended, then run this again; where it died: {free}"


def freeing(environment_name: str, lock_id: str) -> str:
    """Return the command that frees a lock."""
    return f"`make unlock ENV={environment_name} LOCK={lock_id}`"


def interruption(session: Session, verb: str) -> InterruptedRunError:
    """Return what an interrupted run left behind: whether any state is still locked is looked up."""
    again = f"run `make {verb} ENV={session.environment.name}` again"
    try:
        holders = state.lock_holders(session.units.values())
    except FAILURES as error:
        return InterruptedRunError(
            f"{verb} was interrupted; whether a lock is left can't be seen ({type(error).__name__})",
            remedy=again,
        )
    if not holders:
        return InterruptedRunError(f"{verb} was interrupted and ended cleanly, no lock is left", remedy=again)
    named = "; ".join(str(holder) for holder in holders)
    return InterruptedRunError(
        f"{verb} was interrupted and a lock is left: {named}",
        remedy=f"make sure that it has ended, then {freeing(session.environment.name, holders[0].lock_id)}",
    )


def chosen(problems: Sequence[Problem]) -> Problem | None:
    """Return the problem that says most: Terraform's own before Terragrunt's account of it."""
    worded = [problem for problem in problems if problem.details]
    return next(iter([*worded, *problems]), None)
