"""X-Ray that is asked too often, or does not answer: told apart, and asked again where that helps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
_THROTTLING = {
    "RequestLimitExceeded",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_Result = TypeVar("_Result")


def patiently(
    ask: Callable[[], _Result],
    *,
    pause: Callable[[float], None] = time.sleep,
    pauses: Sequence[float] = PAUSES_SECONDS,
) -> _Result:
    """Return what *ask* returns, called again after each of *pauses* where X-Ray throttles.

    Raises what *ask* raises: throttling too, when it lasts.
    """
    for seconds in pauses:
        try:
            return ask()
        except ClientError as error:
            if not is_throttling(error):
                raise
        pause(seconds)
    return ask()


def is_throttling(error: Exception) -> bool:
    """Tell whether X-Ray says that it is asked too often."""
    if not isinstance(error, ClientError):
        return False
    return error.response.get("Error", {}).get("Code") in _THROTTLING or _status(error) == 429


def is_passing(error: Exception) -> bool:
    """Tell whether asking again may help: no connection, no answer in time, a failure of its own."""
    if isinstance(error, ClientError):
        return _status(error) >= 500
    return isinstance(error, HTTPClientError | BotocoreConnectionError)


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
