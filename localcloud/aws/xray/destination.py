"""Where segments go: X-Ray, or CloudWatch Logs with Transaction Search.

Source: the X-Ray API, UpdateTraceSegmentDestination; what users report of its errors.
"""

from collections.abc import Callable
from typing import Any, Protocol

from localcloud.aws.xray.exceptions import AccessDeniedError, InvalidRequestError

XRAY = "XRay"
CLOUDWATCH_LOGS = "CloudWatchLogs"
PENDING_SECONDS = 1.0
"""On AWS it takes minutes."""


class LogGroup(Protocol):
    """The log group of CloudWatch Logs that spans go to."""

    def exists(self) -> bool:
        """Tell whether it is there."""

    def create(self, kms_key_arn: str | None) -> None:
        """Make it, under a KMS key where one is given."""

    def may_be_written(self) -> bool:
        """Tell whether X-Ray may write to it."""


class SegmentDestination:
    """XRay or CloudWatchLogs. A change is PENDING for a moment, then ACTIVE.

    `find_key` returns the ARN of the KMS key that an id, ARN or alias names, or None.
    """

    def __init__(self, clock: Callable[[], float], find_key: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._find_key = find_key
        self._destination = XRAY
        self._active_at = 0.0

    def update(
        self, destination: str | None, configuration: dict[str, str] | None, log_group: LogGroup
    ) -> None:
        """Change the destination; `configuration` is the API's `CloudWatchLogsConfiguration`.

        Raises:
            InvalidRequestError: it is the destination already, another change is pending, or the KMS key
                isn't the ARN of one, or comes too late.
            AccessDeniedError: X-Ray may not write to the log group.
        """
        if destination is None:
            raise InvalidRequestError("Destination must be given")
        if self._status() == "PENDING":
            raise InvalidRequestError("A change of the destination is pending; wait until it is ACTIVE")
        if destination == self._destination:
            raise InvalidRequestError(f"The destination is already set to {destination}")
        if configuration is not None and destination != CLOUDWATCH_LOGS:
            raise InvalidRequestError(f"CloudWatchLogsConfiguration is for the destination {CLOUDWATCH_LOGS}")
        if destination == CLOUDWATCH_LOGS:
            self._open(log_group, (configuration or {}).get("SpansLogGroupKmsKeyId"))
        self._destination = destination
        self._active_at = self._clock() + PENDING_SECONDS

    def to_api(self) -> dict[str, Any]:
        """Return the destination as it is now."""
        return {"Destination": self._destination, "Status": self._status()}

    def _status(self) -> str:
        return "ACTIVE" if self._clock() >= self._active_at else "PENDING"

    def _open(self, log_group: LogGroup, key_arn: str | None) -> None:
        if not log_group.may_be_written():
            raise AccessDeniedError(
                "XRay does not have permission to call PutLogEvents on the aws/spans Log Group"
            )
        if log_group.exists():
            if key_arn is not None:
                raise InvalidRequestError(
                    "The log group aws/spans is there already; SpansLogGroupKmsKeyId is for a new one"
                )
            return
        if key_arn is not None and self._find_key(key_arn) != key_arn:
            raise InvalidRequestError("SpansLogGroupKmsKeyId must be the ARN of a KMS key that exists")
        log_group.create(key_arn)
