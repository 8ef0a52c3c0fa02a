"""A verification's report as an issue: open while anything in it did not pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripts.environment import NAMES
from scripts.errors import OperatorError
from scripts.verify.check import Result, Status
from scripts.verify.report import to_markdown

if TYPE_CHECKING:
    from pathlib import Path

REPORT_MAX_BYTES = 32 * 1024 * 1024
_MEMBERS = ("id", "expected", "actual", "remedy")
# Where one of these fails, verify could not ask; all others are about what is there.
SURROUNDINGS = frozenset({"region", "credentials", "account"})


def read(path: Path) -> tuple[str, list[Result]]:
    """Return the environment and the checks of the report at *path*, made by ``verify`` as JSON.

    Raises OperatorError where it is none, or has no check beyond region, credentials and account: nothing was
    seen then, which is neither a pass nor drift.
    """
    try:
        with path.open("rb") as file:
            content = file.read(REPORT_MAX_BYTES + 1)
    except OSError as error:
        raise _problem(path, error.strerror or type(error).__name__) from error
    if len(content) > REPORT_MAX_BYTES:
        raise _problem(path, f"beyond {REPORT_MAX_BYTES // 1024 // 1024} MiB")
    try:
        return _parsed(json.loads(content))
    except RecursionError as error:
        raise _problem(path, "nested too deep") from error
    except ValueError as error:
        raise _problem(path, str(error) if content.strip() else "empty") from error


def _problem(path: Path, why: str) -> OperatorError:
    return OperatorError(
        f"{path} is no report of verify ({why})",
        remedy="write it with `make verify FORMAT=json`, and see what that said where it could not be done",
    )


def _parsed(document: Any) -> tuple[str, list[Result]]:
    if not isinstance(document, dict) or document.get("environment") not in NAMES:
        raise ValueError("no object with an environment")
    checks = document.get("checks")
    if not isinstance(checks, list) or not checks:
        raise ValueError("no checks")
    results = [_result(check) for check in checks]
    if SURROUNDINGS.issuperset(result.id for result in results):
        raise ValueError("it could not ask: nothing beyond region, credentials and account was looked at")
    return document["environment"], results


def _result(check: Any) -> Result:
    if not isinstance(check, dict) or not all(isinstance(check.get(name), str) for name in _MEMBERS):
        raise ValueError("a check without id, expected, actual and remedy")
    try:
        status = Status(str(check.get("status")))
    except ValueError:
        raise ValueError(f"a check of status {str(check.get('status'))[:20]!r}") from None
    return Result(status=status, **{name: check[name] for name in _MEMBERS})


def is_healthy(results: list[Result]) -> bool:
    """Tell whether all passed, as verify's exit code has it."""
    return all(result.status is Status.PASS for result in results)


def body(environment: str, results: list[Result], run_url: str) -> str:
    """Return the issue's text."""
    said = (
        "Everything is as the configuration asks for."
        if is_healthy(results)
        else "What AWS and Honeycomb have is not what the configuration asks for, or could not be looked at. "
        "The next verification brings this up to date, and closes it once all checks pass."
    )
    where = f" [The run]({run_url})." if run_url else ""
    return f"{said}{where}\n\n{to_markdown(environment, results)}"
