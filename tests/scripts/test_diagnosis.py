"""The remedy for a run that failed: one that works."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from scripts import state
from scripts.errors import InterruptedRunError, OperatorError
from scripts.state import Holder
from scripts.terragrunt import diagnosis
from scripts.terragrunt.execution import Outcome
from scripts.terragrunt.log import RunLog

if TYPE_CHECKING:
    from scripts.session import Session

SOURCE = "terraform/backend-app/config/dev/env.hcl"
ROTATE = "run `make rotate-honeycomb-key ENV=dev`"
DENIED = "api error AccessDeniedException: not authorized to perform: ssm:"
SESSION = cast(
    "Session",
    SimpleNamespace(
        environment=SimpleNamespace(name="dev"),
        any_unit=SimpleNamespace(target=SimpleNamespace(source=SOURCE)),
        units={},
    ),
)


def _outcome(unit: str, headline: str, text: str, *, code: int = 1, interrupted: bool = False) -> Outcome:
    log = RunLog()
    for line in ("╷", f"│ Error: {headline}", "│", *(f"│ {part}" for part in text.split("\n")), "╵"):
        log.feed(f"12:00:02.001 STDERR [{unit}] terraform: {line}")
    log.feed(f"12:00:02.002 ERROR  [{unit}] terraform invocation failed in ./{unit}")
    return Outcome(code, interrupted, log, {unit: "failed"})


@pytest.mark.parametrize(
    ("unit", "headline", "text", "remedy"),
    [
        (
            "honeycomb-key",
            "updating SSM Parameter (/cruddur/dev/backend-flask/honeycomb/api-key)",
            "api error ValidationException: 1 validation error detected: Value\n'' at 'value' is too short",
            ROTATE,
        ),
        ("honeycomb", "updating SSM Parameter", "Value '' at 'value' is too short", "run it again"),
        ("honeycomb-key", "updating SSM Parameter", f"PutParameter, {DENIED}PutParameter", ROTATE),
        ("honeycomb-key", "reading SSM Parameter", f"GetParameter, {DENIED}GetParameter", "run it again"),
        ("xray", "creating XRay Group", "api error AccessDenied: no", "have this action allowed"),
        ("xray", "Invalid value for variable", "fixed_rate must be from 0 to 1", f"correct {SOURCE}"),
        ("service", "modifying ELBv2 Listener", "CertificateNotFound: ...", "set service_certificate_arn to"),
        (
            "service",
            "waiting for ACM",
            "last state: 'PENDING_VALIDATION'",
            "`make output ENV=dev UNIT=service`",
        ),
        ("service", "updating ECS Service", "api error ExpiredTokenException: expired", "sign in again"),
        ("service", "Failed to save state", "api error RequestExpired: x", "export fresh AWS credentials"),
        ("xray", "something new", "that nobody knows", "see the lines above"),
    ],
)
def test_remedies(unit: str, headline: str, text: str, remedy: str) -> None:
    """An empty key is never written by applying again; a right or a value is what has to be put right."""
    with pytest.raises(OperatorError) as caught:
        diagnosis.require_success(SESSION, "apply", _outcome(unit, headline, text))
    assert remedy in caught.value.remedy
    assert ("have this action allowed" in caught.value.remedy) == ("denied" in text.lower())
    assert headline in caught.value.message


def test_an_interrupted_run_that_leaves_a_lock_says_what_frees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who holds it, and the command with its id."""
    holder = Holder("xray", "11-22", "me@laptop", "OperationTypeApply", "2026-01-01")
    monkeypatch.setattr(state, "lock_holders", lambda _units: [holder])
    with pytest.raises(InterruptedRunError, match="xray by me@laptop") as caught:
        diagnosis.require_success(SESSION, "apply", _outcome("xray", "x", "", interrupted=True))
    assert "`make unlock ENV=dev LOCK=11-22`" in caught.value.remedy


def test_a_run_that_went_well_or_was_interrupted() -> None:
    """Neither is a failure of Terraform's."""
    diagnosis.require_success(SESSION, "apply", _outcome("xray", "a warning", "", code=0))
    with pytest.raises(InterruptedRunError, match="no lock is left"):
        diagnosis.require_success(SESSION, "apply", _outcome("xray", "x", "", interrupted=True))
