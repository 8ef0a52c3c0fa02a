"""Results out of rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plain import plain
from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.loaded.ways import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.verify.loaded.ways import Row

PARAMETERS, GROUP, RULES = "loaded.parameters", "loaded.group", "loaded.rules"
KEY, WORKERS = "loaded.key", "loaded.workers"
EXPECTED = {
    PARAMETERS: "parameters as asked for, in AWS and in each worker",
    GROUP: "the group as asked for, in AWS and in each worker",
    RULES: "sampling rules as asked for, in AWS and in each worker",
    KEY: "the key as asked for, in AWS and in each worker",
    WORKERS: "each worker has told what it loaded",
}


def of_rows(
    check_id: str, rows: Sequence[Row], workers: int, *, again: str, reload: str, uninvited: str = ""
) -> Result:
    """Return the result of a check: a failure shows the rows that drift and which ways of them differ.

    *again* is the remedy where AWS differs from what is asked for, *reload* where workers do (or from AWS,
    where nothing is asked for), *uninvited* for what should not be there.
    """
    wrong = [row for row in rows if row.drift]
    if not wrong:
        names = listed([row.what for row in rows])
        said = plain(f"{EXPECTED[check_id]} ({workers}): {names}")
        return passed(check_id, said, said)
    invited = [row for row in wrong if not row.is_uninvited]
    remedies = [again] if any(not row.is_applied for row in invited) else []
    if len(invited) < len(wrong):
        remedies.append(uninvited)
    # Workers that have what is asked for already need nothing once AWS has it too.
    if any(row.unlike_asked() or (row.stale() and not row.asked.is_known) for row in invited):
        remedies.append(reload)
    return failed(
        check_id,
        plain("; ".join(f"{row.what}: {row.asked.shown}" for row in wrong)),
        plain("; ".join(_three(row) for row in wrong)),
        ", then ".join(remedies),
    )


def _three(row: Row) -> str:
    return f"{row.what}: {row.aws.shown} in AWS, {row.loaded_shown} loaded; different: {row.drift}"


def skipped(why: str, remedy: str) -> list[Result]:
    """Return the checks that have nothing to look at, as nobody was heard of."""
    return [
        Result(check_id, Status.SKIP, EXPECTED[check_id], why, remedy)
        for check_id in (PARAMETERS, GROUP, RULES, KEY)
    ]


def failed_to_hear(why: str, remedy: str) -> Result:
    """Return the check of the workers where nobody could be asked."""
    return failed(WORKERS, EXPECTED[WORKERS], why, remedy)
