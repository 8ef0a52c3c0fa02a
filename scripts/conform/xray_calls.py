"""X-Ray's operations, called so that a refusal is an answer like any other, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from scripts.conform.case import DiffersError, NotPossibleError, UnansweredError

if TYPE_CHECKING:
    from scripts.conform.limits import Budget
    from scripts.conform.recording import Recording

REFUSED = "InvalidRequestException"
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_FULL = {"RuleLimitExceededException"}
_NO_MORE = "maximum number"
_THROTTLED = {
    "RequestLimitExceeded",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_UNKNOWN_CALLER = {401, 403, 407, 429}
_BY_ID = ("BatchGetTraces", "GetTraceGraph")


@dataclass(frozen=True)
class Refusal:
    """What X-Ray answered instead of a result."""

    code: str
    message: str
    status: int


class XRayCalls:
    """Calls X-Ray; parameters aren't checked on the way, so that X-Ray's own checks are seen."""

    def __init__(self, region: str, budget: Budget) -> None:
        config = Config(
            region_name=region,
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 5},
            parameter_validation=False,
        )
        make: Any = boto3.Session(region_name=region).client
        self._client: Any = make("xray", config=config)
        self._budget = budget
        self.recording: Recording | None = None

    @property
    def endpoint(self) -> str:
        """The address that is called."""
        return str(self._client.meta.endpoint_url)

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the operation's result.

        Raises DiffersError where X-Ray refuses, NotPossibleError where the credentials may not call it or
        the account is full, UnansweredError where it is no answer to the request, CappedError before a call
        that would cost more than the run may.
        """
        answer = self.ask(operation, **parameters)
        if isinstance(answer, Refusal):
            raise DiffersError(operation, "a result", f"{answer.code}: {answer.message}")
        return answer

    def refused(self, operation: str, **parameters: Any) -> Refusal:
        """Return the refusal. Raises DiffersError where X-Ray answers with a result; others as a call."""
        answer = self.ask(operation, **parameters)
        if not isinstance(answer, Refusal):
            raise DiffersError(operation, "a refusal", "a result")
        return answer

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any] | Refusal:
        """Return the result or the refusal; raises as a call does, but for DiffersError."""
        self._budget_before(operation, parameters)
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**parameters)
        except ClientError as error:
            refusal = _refusal(operation, error)
            told = {"code": refusal.code, "message": refusal.message}
            self._record(operation, parameters, refusal.status, told)
            return refusal
        status = answer.pop("ResponseMetadata", {}).get("HTTPStatusCode", 200)
        self._budget.read(_retrieved(operation, parameters, answer))
        self._record(operation, parameters, status, answer)
        return answer

    def _budget_before(self, operation: str, parameters: dict[str, Any]) -> None:
        if operation == "GetTraceSummaries":
            self._budget.before_reading(1)
        elif operation in _BY_ID:
            self._budget.before_reading(len(parameters.get("TraceIds", ())))

    def _record(self, operation: str, parameters: dict[str, Any], status: int, answer: Any) -> None:
        if self.recording is not None:
            self.recording.add(f"xray:{operation}", parameters, status, answer)


def _refusal(operation: str, error: ClientError) -> Refusal:
    """Return what X-Ray says about the request. Raises where what it says is about something else."""
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _DENIED:
        raise NotPossibleError(f"the credentials may not call xray:{operation}") from error
    if code in _FULL or (operation == "CreateGroup" and _NO_MORE in message.lower()):
        raise NotPossibleError(f"the account has as many as it may have ({operation}: {code})") from error
    wellformed = 400 <= status < 500 and bool(code) and not code.isdigit()
    if not wellformed or code in _THROTTLED or status in _UNKNOWN_CALLER:
        raise UnansweredError(f"{operation}: HTTP {status}, {code or 'no code'}") from error
    return Refusal(code, message, status)


def _retrieved(operation: str, parameters: dict[str, Any], answer: dict[str, Any]) -> int:
    if operation == "GetTraceSummaries":
        return int(answer.get("TracesProcessedCount", 0))
    if operation in _BY_ID:
        return len(parameters.get("TraceIds", ()))
    return 0
