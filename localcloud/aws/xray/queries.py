"""Which traces GetTraceSummaries returns, page by page (source: the X-Ray API, GetTraceSummaries)."""

import base64
import binascii
import heapq
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.traces import StoredTrace

PAGE_SIZE = 100
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some traces in the order of their ids, and the token of those that follow."""

    traces: list[StoredTrace]
    next_token: str | None


def find_page(traces: Iterable[StoredTrace], parameters: dict[str, Any]) -> Page:
    """Return the page of traces that the parameters of GetTraceSummaries ask for.

    A trace is in the range by the time in its id, which may be the start but not the end, or with `Event` and
    `Service` when it was going on in the range.

    Raises:
        InvalidRequestError: the range ends before it starts, or the token isn't one of ours.
    """
    start, end = parameters["StartTime"], parameters["EndTime"]
    if start > end:
        raise InvalidRequestError("StartTime must not be later than EndTime")
    in_range = _in_range(parameters.get("TimeRangeType", "TraceId"), start, end)
    after = _read_token(parameters.get("NextToken"))
    wanted = (trace for trace in traces if in_range(trace) and (after is None or _key(trace) > after))
    found = heapq.nsmallest(PAGE_SIZE + 1, wanted, key=_key)
    if len(found) <= PAGE_SIZE:
        return Page(found, None)
    return Page(found[:PAGE_SIZE], _write_token(_key(found[PAGE_SIZE - 1])))


def _in_range(kind: str, start: float, end: float) -> Callable[[StoredTrace], bool]:
    if kind == "TraceId":
        return lambda trace: start <= trace.id_time < end
    return lambda trace: trace.start_time <= end and trace.end_time >= start


def _key(trace: StoredTrace) -> _Key:
    return trace.id_time, trace.trace_id


def _write_token(key: _Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read_token(token: str | None) -> _Key | None:
    if token is None:
        return None
    try:
        seconds, trace_id = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidRequestError("The NextToken is invalid") from error
    if not isinstance(seconds, int) or not isinstance(trace_id, str):
        raise InvalidRequestError("The NextToken is invalid")
    return seconds, trace_id
