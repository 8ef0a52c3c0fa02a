"""The checks before all others: region, credentials, account. Where one fails, nothing more can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import preflight
from scripts.aws import FAILURES
from scripts.errors import OperatorError, explain
from scripts.verify.check import Result, Status, failed, passed

if TYPE_CHECKING:
    from scripts.environment import Environment
    from scripts.terragrunt.render import Target

_IDS = ("region", "credentials", "account")


def check(environment: Environment, target: Target) -> tuple[list[Result], OperatorError | None]:
    """Return the results, and why the verification can't go on, or None.

    What could not be looked at any more is skipped.
    """
    results: list[Result] = []
    problem = preflight.region_problem(target, environment.variables)
    if problem is not None:
        results.append(failed("region", target.region, problem.message, problem.remedy))
        return results + _skipped(results, problem), problem
    results.append(passed("region", target.region, target.region))
    try:
        caller = preflight.who(target)
    except FAILURES as error:
        problem = explain(error, local=environment.is_local)
        results.append(failed("credentials", "known to AWS", problem.message, problem.remedy))
        return results + _skipped(results, problem), problem
    results.append(passed("credentials", "known to AWS", caller.arn))
    problem = preflight.account_problem(target, caller)
    if problem is not None:
        results.append(failed("account", target.account_id, caller.account_id, problem.remedy))
        return results, problem
    results.append(passed("account", target.account_id, caller.account_id))
    return results, None


def _skipped(results: list[Result], problem: OperatorError) -> list[Result]:
    done = {result.id for result in results}
    return [
        Result(check_id, Status.SKIP, "", "not looked at", problem.remedy)
        for check_id in _IDS
        if check_id not in done
    ]
