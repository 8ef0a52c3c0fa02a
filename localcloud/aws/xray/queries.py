"""What GetTraceSummaries asks for, read from its parameters (source: the X-Ray API, GetTraceSummaries)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.groups import Groups
from localcloud.aws.xray.store import windows
from localcloud.aws.xray.store.pages import Key, sampled
from localcloud.aws.xray.store.sql import Fragment
from localcloud.aws.xray.tokens import read_token, write_token
from xray.filters import FilterError, parse, to_sql
from xray.names import is_trace_id

OPERATION = "GetTraceSummaries"
PAGE_SIZE = 100
BY_TRACE_ID = "TraceId"
PARTIAL_SCAN = "PartialScan"
_WINDOWS = {
    BY_TRACE_ID: windows.by_trace_id,
    "Event": windows.by_event,
    "Service": windows.by_segment_end,
}


@dataclass(frozen=True, slots=True)
class SummariesQuery:
    """One request.

    `scanned` are the conditions on the traces that are looked at, `wanted` those on the ones that are
    returned beside them. `fingerprint` is that of the request, which its tokens carry.
    """

    window: windows.Window
    start: float
    by_trace_id: bool
    scanned: tuple[Fragment, ...]
    wanted: tuple[Fragment, ...]
    after: Key | None
    fingerprint: str

    @classmethod
    def read(cls, parameters: Mapping[str, Any], groups: Groups) -> "SummariesQuery":
        """Return what the parameters ask for.

        Raises:
            InvalidRequestError: the range ends before it starts, the filter can't be read, the sampling rate
                is none, or the token isn't one of this request's.
        """
        start, end = read_range(parameters)
        kind = parameters.get("TimeRangeType", BY_TRACE_ID)
        wanted = read_filter(parameters.get("FilterExpression"), groups)
        scan, sample = _read_sampling(parameters)
        mark = fingerprint(parameters)
        return cls(
            window=_WINDOWS[kind](start, end),
            start=start,
            by_trace_id=kind == BY_TRACE_ID,
            scanned=scan,
            wanted=(*sample, *wanted),
            after=_read_after(parameters.get("NextToken"), mark),
            fingerprint=mark,
        )

    def token(self, last: Key) -> str:
        """Return the token of what comes after a trace."""
        return write_token(OPERATION, self.fingerprint, *last)


def read_range(parameters: Mapping[str, Any]) -> tuple[float, float]:
    """Return a request's range (epoch seconds).

    Raises:
        InvalidRequestError: it ends before it starts.
    """
    start, end = parameters["StartTime"], parameters["EndTime"]
    if start > end:
        raise InvalidRequestError("StartTime must not be later than EndTime")
    return start, end


def read_filter(text: str | None, groups: Groups) -> tuple[Fragment, ...]:
    """Return the conditions of a filter expression; none where there is no text.

    Raises:
        InvalidRequestError: it can't be read, or names a group that isn't there.
    """
    if not text:
        return ()
    try:
        return (to_sql(parse(text), groups=groups.versions()),)
    except FilterError as error:
        raise InvalidRequestError(str(error)) from error


def fingerprint(parameters: Mapping[str, Any]) -> str:
    """Return what tells a request from others; its token is left out."""
    asked = {name: value for name, value in parameters.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _read_sampling(parameters: Mapping[str, Any]) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
    """Return the conditions on what is looked at and on what is returned of it."""
    strategy = parameters.get("SamplingStrategy")
    if strategy is None or not parameters.get("Sampling", True):
        return (), ()
    rate = strategy.get("Value", 1.0)
    if not 0 <= rate <= 1:
        raise InvalidRequestError("The Value of SamplingStrategy must be from 0 to 1")
    sample = (sampled(rate),)
    return (sample, ()) if strategy.get("Name") == PARTIAL_SCAN else ((), sample)


def _read_after(token: str | None, mark: str) -> Key | None:
    if token is None:
        return None
    found, seconds, trace_id = read_token(OPERATION, token, str, int, str)
    if found != mark or not is_trace_id(trace_id) or seconds != int(trace_id[2:10], 16):
        raise InvalidRequestError("The NextToken is invalid")
    return seconds, trace_id
