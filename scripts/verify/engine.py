"""A part of a verification: some checks that one call, or a chain of them, answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from botocore.exceptions import BotoCoreError, ClientError

from scripts.errors import explain
from scripts.verify.check import Result, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def guarded(expected: Mapping[str, str], work: Callable[[], list[Result]], *, local: bool) -> list[Result]:
    """Return what *work* finds; where a call of its fails, a failure for each id in *expected*.

    *expected* is, by check id, what was asked for. What is no failed call is a defect, and raised.
    """
    try:
        return work()
    except (ClientError, BotoCoreError) as error:
        problem = explain(error, local=local)
        actual, remedy = problem.message, problem.remedy
    except requests.RequestException as error:
        place = error.request.url if error.request else "Honeycomb"
        actual = f"{place} can't be reached ({type(error).__name__})"
        remedy = "check the network and the endpoint parameter"
    return [failed(check_id, wanted, actual, remedy) for check_id, wanted in expected.items()]
