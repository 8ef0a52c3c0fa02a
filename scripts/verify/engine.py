"""A part of a verification: some checks that one call, or a chain of them, answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import requests
from botocore.exceptions import ClientError

from scripts.aws import FAILURES
from scripts.errors import OperatorError, explain
from scripts.traces.patience import is_throttling
from scripts.verify.check import Result, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Part = tuple["Mapping[str, str]", "Callable[[], list[Result]]"]
"""What is asked for by check id, and the work."""

_DENIED_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)(?: on resource: (\S+))?")
# SSM's own words where KMS denies; they name no action.
_DENIED_KEY = "The ciphertext refers to a customer master key"
UNEXPECTED_FORM = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
"""What comes of reading an answer that lacks members, or has others in their place."""


def guarded(expected: Mapping[str, str], work: Callable[[], list[Result]], *, local: bool) -> list[Result]:
    """Return what *work* finds; where a call of its fails, a failure for each id in *expected*.

    *expected* is, by check id, what was asked for. So does an answer without the members that AWS gives. Work
    that asks somebody else raises OperatorError, with the remedy against that one's odd answers.
    """
    try:
        return work()
    except (*FAILURES, OperatorError) as error:
        problem = explain(error, local=local)
        actual, remedy = problem.message, _remedy(error) or problem.remedy
    except requests.RequestException as error:
        place = error.request.url if error.request else "Honeycomb"
        actual = f"{place} can't be reached ({type(error).__name__})"
        remedy = "check the network and the endpoint parameter"
    except UNEXPECTED_FORM as error:
        actual = f"the answer is not as its service gives it ({type(error).__name__}: {error})"
        remedy = "check AWS_ENDPOINT_URL, the proxy and the network: is it AWS that answers?"
    return [failed(check_id, wanted, actual, remedy) for check_id, wanted in expected.items()]


def _remedy(error: Exception) -> str | None:
    """Return what helps against a denied or a throttled call, or None for any other failure."""
    if not isinstance(error, ClientError):
        return None
    text = str(error.response.get("Error", {}).get("Message", ""))
    denied = _DENIED_ACTION.search(text)
    if denied is not None:
        where = f" on {denied[2]}" if denied[2] else ""
        return f"have {denied[1]} allowed for these credentials{where}, or use others"
    if _DENIED_KEY in text:
        return "have kms:Decrypt on the parameter's key allowed for these credentials, or use others"
    if is_throttling(error):
        return "wait a minute and run it again: AWS allows few of these calls a second"
    return None
