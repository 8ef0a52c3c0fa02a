"""What a segment or subsegment tells of one call: its outcome, times and HTTP request."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from xray.waterfall import Node

TIME_MAX = 253_370_764_800.0
"""9999-01-01, in epoch seconds: one time beyond it, and boto3 couldn't read an answer at all."""
_NOTHING: Mapping[str, Any] = {}


class Figures(NamedTuple):
    """One call's figures, in the order that services and edges have them. Times are epoch seconds."""

    in_progress: bool
    error: bool
    throttle: bool
    fault: bool
    start_time: float
    end_time: float | None
    response_time: float | None
    http_url: str | None
    http_method: str | None
    http_status: int | None
    http_user_agent: str | None
    http_client_ip: str | None


NO_FIGURES = Figures(False, False, False, False, 0.0, None, None, None, None, None, None, None)


def figures_of(node: Node) -> Figures:
    """Return a node's figures: times up to TIME_MAX, the response time to the microsecond, never below 0.

    Throttling is an error, told so or not: AWS's SDK sets both.
    """
    document, start, end = node.document, min(float(node.start_time), TIME_MAX), node.end_time
    if end is not None:
        end = min(float(end), TIME_MAX)
    get = document.get
    http = get("http", _NOTHING)
    request = http.get("request", _NOTHING)
    throttle = get("throttle", False)
    return Figures(
        end is None,
        throttle or get("error", False),
        throttle,
        get("fault", False),
        start,
        end,
        None if end is None else max(0.0, round(end - start, 6)),
        request.get("url"),
        request.get("method"),
        http.get("response", _NOTHING).get("status"),
        request.get("user_agent"),
        request.get("client_ip"),
    )
