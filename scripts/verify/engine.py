"""A part of a verification: some checks that one call, or a chain of them, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from scripts.aws import FAILURES
from scripts.errors import explain
from scripts.verify.check import Result, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# What comes of reading an answer that lacks members, or has others in their place.
_UNEXPECTED_FORM = (LookupError, TypeError, AttributeError, ValueError)


def guarded(expected: Mapping[str, str], work: Callable[[], list[Result]], *, local: bool) -> list[Result]:
    """Return what *work* finds; where a call of its fails, a failure for each id in *expected*.

    *expected* is, by check id, what was asked for. So does an answer without the members that AWS gives.
    """
    try:
        return work()
    except FAILURES as error:
        problem = explain(error, local=local)
        actual, remedy = problem.message, problem.remedy
    except requests.RequestException as error:
        place = error.request.url if error.request else "Honeycomb"
        actual = f"{place} can't be reached ({type(error).__name__})"
        remedy = "check the network and the endpoint parameter"
    except _UNEXPECTED_FORM as error:
        actual = f"the answer is not as its service gives it ({type(error).__name__}: {error})"
        remedy = "check AWS_ENDPOINT_URL, the proxy and the network: is it AWS that answers?"
    return [failed(check_id, wanted, actual, remedy) for check_id, wanted in expected.items()]
