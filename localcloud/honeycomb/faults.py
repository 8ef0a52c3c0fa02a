"""Faults that a test switches on: requests are answered late, with an error, or not at all."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from localcloud.honeycomb.errors import ConnectionDroppedError, ControlError, FaultedError

DELAY_MAX_SECONDS = 60
PATH_MAX_CHARACTERS = 1_000
RATE_LIMITED = "Request dropped due to rate limiting."
DEFAULT_PATH = "/v1/traces"
_CONTROL = "/_localcloud/"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request.

    status: HTTP status of the answer; None lets the request through, after the delay.
    retry_after: seconds in the answer's Retry-After header; None for no such header.
    delay_seconds: how long the answer waits.
    remaining: how many more requests it happens to; None for all, until it is switched off.
    path: what the paths of these requests begin with.
    after: how many such requests are let through first.
    drop: whether the connection is closed without an answer, after the delay.
    """

    status: int | None = None
    retry_after: int | None = None
    delay_seconds: float = 0.0
    remaining: int | None = None
    path: str = DEFAULT_PATH
    after: int | None = None
    drop: bool = False

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
            path=_path(document),
            after=_whole(document, "after", 1, 1_000_000),
            drop=_flag(document, "drop"),
        )


class FaultSwitch:
    """Holds at most one fault."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._remaining: int | None = None
        self._after = 0
        self.applied = 0

    def set(self, fault: Fault | None) -> None:
        """Switch `fault` on in place of any other; None switches it off."""
        self._fault = fault
        self._remaining = fault.remaining if fault else None
        self._after = (fault.after or 0) if fault else 0

    def describe(self) -> dict[str, Any]:
        """Return the fault that is on, with how often it will still happen; empty where none is.

        `path`, `after` and `drop` are told where they aren't what they are without being given.
        """
        fault = self._fault
        if fault is None:
            return {}
        shown = {**asdict(fault), "remaining": self._remaining, "after": self._after}
        usual = {"path": DEFAULT_PATH, "after": 0, "drop": False}
        return {name: value for name, value in shown.items() if name not in usual or value != usual[name]}

    async def apply(self, path: str) -> None:
        """Do to a request for `path` as the fault says; return at once where it is none of the fault's.

        Raises:
            FaultedError: the answer is an error.
            ConnectionDroppedError: there is to be no answer.
        """
        fault = self._fault
        if fault is None or not path.startswith(fault.path):
            return
        if self._after:
            self._after -= 1
            return
        self.applied += 1
        if self._remaining is not None:
            self._remaining -= 1
            if self._remaining == 0:
                self.set(None)
        await asyncio.sleep(fault.delay_seconds)
        if fault.drop:
            raise ConnectionDroppedError
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
    # Not-a-number is within no range.
    if type(value) not in (int, float) or not 0 <= value <= DELAY_MAX_SECONDS:
        raise ControlError(f"faults: {name}: expected a number of seconds from 0 to {DELAY_MAX_SECONDS}")
    return float(value)


def _path(document: Mapping[str, Any]) -> str:
    path = document.get("path", DEFAULT_PATH)
    if not isinstance(path, str) or not path.startswith("/") or len(path) > PATH_MAX_CHARACTERS:
        raise ControlError("faults: path: expected what paths begin with, such as /v1/traces, /1/ or /")
    if path.startswith(_CONTROL):
        raise ControlError(f"faults: path: expected a path outside {_CONTROL}, which has no faults")
    return path


def _flag(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise ControlError(f"faults: {name}: expected true or false")
    return value
