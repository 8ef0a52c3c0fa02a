"""Faults that a test switches on: `/v1/traces` answers late, or with an error."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.errors import ControlError, FaultedError

DELAY_MAX_SECONDS = 60
RATE_LIMITED = "Request dropped due to rate limiting."


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request.

    status: HTTP status of the answer; None lets the request through, after the delay.
    retry_after: seconds in the answer's Retry-After header; None for no such header.
    delay_seconds: how long the answer waits.
    remaining: how many more requests it happens to; None for all, until it is switched off.
    """

    status: int | None = None
    retry_after: int | None = None
    delay_seconds: float = 0.0
    remaining: int | None = None

    @classmethod
    def from_document(cls, document: object) -> "Fault":
        """Return the fault that a JSON document describes.

        Raises:
            ControlError: a field is unknown or out of its range.
        """
        if not isinstance(document, Mapping):
            raise ControlError("faults: expected a JSON object")
        unknown = set(document) - set(cls.__slots__)
        if unknown:
            raise ControlError(f"faults: expected the fields {', '.join(cls.__slots__)}")
        return cls(
            status=_whole(document, "status", 400, 599),
            retry_after=_whole(document, "retry_after", 0, 86_400),
            delay_seconds=_seconds(document, "delay_seconds"),
            remaining=_whole(document, "remaining", 1, 1_000_000),
        )


class FaultSwitch:
    """Holds at most one fault."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._remaining: int | None = None
        self.applied = 0

    def set(self, fault: Fault | None) -> None:
        """Switch `fault` on in place of any other; None switches it off."""
        self._fault = fault
        self._remaining = fault.remaining if fault else None

    def describe(self) -> dict[str, Any]:
        """Return the fault that is on, with how often it will still happen; empty where none is."""
        return {**asdict(self._fault), "remaining": self._remaining} if self._fault else {}

    async def apply(self) -> None:
        """Wait and raise FaultedError as the fault says; return at once where none is on."""
        fault = self._fault
        if fault is None:
            return
        self.applied += 1
        if self._remaining is not None:
            self._remaining -= 1
            if self._remaining == 0:
                self.set(None)
        await asyncio.sleep(fault.delay_seconds)
        if fault.status is not None:
            raise FaultedError(fault.status, _message(fault.status), fault.retry_after)


def _message(status: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RATE_LIMITED
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else f"HTTP {status}"


def _whole(document: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = document.get(name)
    if value is None:
        return None
    if type(value) is not int or not least <= value <= most:
        raise ControlError(f"faults: {name}: expected a whole number from {least} to {most}, or null")
    return value


def _seconds(document: Mapping[str, Any], name: str) -> float:
    value = document.get(name, 0)
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= DELAY_MAX_SECONDS:
        raise ControlError(f"faults: {name}: expected a number of seconds from 0 to {DELAY_MAX_SECONDS}")
    return float(value)
