"""X-Ray's sampling calls through the daemon, which signs and forwards them.

Source: X-Ray API, GetSamplingRules and GetSamplingTargets; aws-xray-daemon, the TCP proxy. Not instrumented:
plain http.client, on threads that have instrumentation suppressed.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from math import isfinite
from typing import Any

from services.tracing.errors import TracingError
from xray.sampling import SamplingRule

TIMEOUT_SECONDS = 2.0
ANSWER_MAX_SECONDS = 5.0
RULE_PAGES_MAX = 100
ANSWER_MAX_BYTES = 8 * 1024 * 1024
_PART_BYTES = 64 * 1024


class DaemonError(TracingError):
    """The daemon can't be reached, or what it answered is no answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """What X-Ray tells a client to do for one rule; None where it tells nothing. Times are epoch seconds."""

    rule_name: str
    fixed_rate: float | None
    quota: int | None
    expires_at: float | None
    interval_seconds: int | None


@dataclass(frozen=True, slots=True)
class Unprocessed:
    """A rule whose statistics X-Ray did not take, and why."""

    rule_name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The answer to one report."""

    targets: tuple[Target, ...]
    rules_modified_at: float | None
    unprocessed: tuple[Unprocessed, ...]


class DaemonClient:
    """The daemon's TCP side at `address`."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    def sampling_rules(self) -> list[SamplingRule]:
        """Return every sampling rule of the account.

        Raises:
            DaemonError: unreachable, or no such answer.
        """
        rules: list[SamplingRule] = []
        token: str | None = None
        for _ in range(RULE_PAGES_MAX):
            answer = self._call("/GetSamplingRules", {"NextToken": token} if token else {})
            try:
                rules += [SamplingRule.from_api(r["SamplingRule"]) for r in answer["SamplingRuleRecords"]]
            except (KeyError, TypeError, ValueError) as error:
                raise DaemonError(f"GetSamplingRules answered what can't be read: {error!r}") from error
            token = answer.get("NextToken")
            if not token:
                break
        return rules

    def sampling_targets(self, documents: Sequence[dict[str, Any]]) -> Targets:
        """Report statistics, at most 25 documents, and return the targets.

        Raises:
            DaemonError: unreachable, or no such answer.
        """
        answer = self._call("/SamplingTargets", {"SamplingStatisticsDocuments": list(documents)})
        try:
            return Targets(
                tuple(_target(document) for document in answer.get("SamplingTargetDocuments") or ()),
                _time(answer.get("LastRuleModification")),
                tuple(
                    Unprocessed(
                        str(item.get("RuleName")), str(item.get("ErrorCode")), str(item.get("Message"))
                    )
                    for item in answer.get("UnprocessedStatistics") or ()
                ),
            )
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise DaemonError(f"GetSamplingTargets answered what can't be read: {error!r}") from error

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        host, port = self._address
        connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = _read(response, time.monotonic() + ANSWER_MAX_SECONDS)
        except (OSError, HTTPException) as error:
            raise DaemonError(f"tcp {host}:{port} can't be reached: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            text = data[:200].decode(errors="replace")
            raise DaemonError(f"{path} was answered {response.status}: {text}")
        try:
            answer = json.loads(data)
        except ValueError as error:
            raise DaemonError(f"{path} was answered with no JSON") from error
        if not isinstance(answer, dict):
            raise DaemonError(f"{path} was answered with no JSON object")
        return answer


def _read(response: HTTPResponse, until: float) -> bytes:
    """Return the body; one that is too long, or drips beyond `until` (monotonic seconds), is no answer."""
    data = b""
    while part := response.read1(_PART_BYTES):
        data += part
        if len(data) > ANSWER_MAX_BYTES:
            raise HTTPException(f"its answer is longer than {ANSWER_MAX_BYTES} bytes")
        if time.monotonic() > until:
            raise TimeoutError("its answer did not end in time")
    return data


def _target(document: dict[str, Any]) -> Target:
    quota, interval = _number(document.get("ReservoirQuota")), _number(document.get("Interval"))
    return Target(
        str(document["RuleName"]),
        _number(document.get("FixedRate")),
        None if quota is None else int(quota),
        _time(document.get("ReservoirQuotaTTL")),
        None if interval is None else int(interval),
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"{number} is no finite number")
    return number


def _time(value: Any) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        datetime.fromtimestamp(seconds, UTC)  # raises for what is no time
    return seconds
