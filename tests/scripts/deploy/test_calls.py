"""Which failures of AWS are waited out, and which are told at once."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from scripts.deploy import calls
from scripts.errors import OperatorError

LOST = EndpointConnectionError(endpoint_url="https://ecs.eu-west-1.amazonaws.com")


def answer(code: str, status: int) -> ClientError:
    """Return what botocore raises for an answer."""
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "DescribeServices",
    )


def _patiently(failures: list[Exception], *, lost_seconds: float = 60.0) -> tuple[str, list[str], int]:
    told: list[str] = []
    asked = [0]

    def call() -> str:
        asked[0] += 1
        if failures:
            raise failures.pop(0)
        return "done"

    found = calls.patiently(call, local=False, say=told.append, lost_seconds=lost_seconds, pause_seconds=0)
    return found, told, asked[0]


@pytest.mark.parametrize(
    "failure", [LOST, answer("InternalError", 500), answer("ThrottlingException", 400)], ids=repr
)
def test_a_lost_connection_is_waited_out(failure: Exception) -> None:
    """It is told once, however often it fails, and what is answered then counts."""
    found, told, asked = _patiently([failure] * 4)
    assert (found, asked, len(told)) == ("done", 5, 1)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (answer("ExpiredTokenException", 400), "expired"),
        (answer("AccessDeniedException", 400), "denies DescribeServices"),
        (NoCredentialsError(), "no AWS credentials"),
    ],
)
def test_what_time_does_not_heal_is_told_at_once(failure: Exception, said: str) -> None:
    """Credentials and rights are the operator's to put right."""
    with pytest.raises(OperatorError, match=said):
        _patiently([failure, failure])


def test_after_the_first_change_every_call_is_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it, a failure is told at once; credentials that expire are, whenever that is."""
    monkeypatch.setattr("scripts.deploy.calls.time.sleep", lambda _seconds: None)
    told: list[str] = []

    def failing_with(failures: list[Exception]) -> str:
        def call() -> str:
            if failures:
                raise failures.pop(0)
            return "done"

        return calls.called(call, local=False)

    with calls.patience(told.append):
        assert failing_with([LOST, answer("ThrottlingException", 400)]) == "done"
        with pytest.raises(OperatorError, match="expired"):
            failing_with([answer("ExpiredTokenException", 400)])
    assert len(told) == 1
    with pytest.raises(OperatorError, match="can't be reached"):
        failing_with([LOST])


def test_patience_ends() -> None:
    """A connection that stays lost is an error, with where it was to go."""
    with pytest.raises(OperatorError, match="can't be reached"):
        _patiently([LOST, LOST], lost_seconds=-1)
