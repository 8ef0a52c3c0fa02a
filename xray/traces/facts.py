"""What a trace's documents say of it, in the shape that summaries, filters and service graphs read.

Field names are the columns and struct fields of a store that keeps facts as rows. Times are epoch seconds,
durations seconds. A value that no document gives is None.
Source: the X-Ray API, TraceSummary, Service and Edge; filter expressions
(devguide/xray-console-filters.html).
"""

from typing import NamedTuple

CLIENT_TYPE = "client"
"""The type of whoever began the trace, the source of the call to its entry point."""


class Annotation(NamedTuple):
    """One annotation's value; exactly one of `text`, `number` and `flag` is set.

    `service` is the index in `TraceFacts.services` of the segment that it was made in, None where that
    segment isn't there.
    """

    key: str
    text: str | None
    number: float | None
    flag: bool | None
    service: int | None


class ServiceFacts(NamedTuple):
    """One segment, sent or inferred from the subsegment of a caller, as a service of the trace.

    `type` is the segment's origin or what stands for it (`AWS::DynamoDB::Table`, `remote`). `root` marks the
    trace's entry point, `inferred` a service that sent nothing itself. `annotations` are those of the segment
    and its subsegments.
    """

    id: str
    name: str
    type: str | None
    account_id: str | None
    root: bool
    inferred: bool
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
    user: str | None
    availability_zone: str | None
    instance_id: str | None
    resource_arn: str | None
    annotations: tuple[Annotation, ...]


class EdgeFacts(NamedTuple):
    """One call from a service to another, as the caller saw it.

    The call of the client who began the trace has the source type `client`, its figures are those of the
    root segment. `name`, `type` and `account_id` are the called service's. `id` is the id of the subsegment
    that made the call, or of the root segment; where a segment names another segment as its parent, with no
    subsegment between them, `id` and figures are the called segment's.
    """

    id: str
    source_name: str
    source_type: str | None
    source_account_id: str | None
    name: str
    type: str | None
    account_id: str | None
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
    annotations: tuple[Annotation, ...]


class CauseException(NamedTuple):
    """An exception on the way to a root cause; `name` is its type."""

    name: str | None
    message: str | None


class CauseEntity(NamedTuple):
    """A segment or subsegment on the way to a root cause.

    `coverage` (0 to 1, of the root's response time) is told of response time causes only, `exceptions` of
    faults and errors only.
    """

    name: str
    remote: bool
    coverage: float | None
    exceptions: tuple[CauseException, ...]


class CauseService(NamedTuple):
    """A service on the way to a root cause, the entry point first."""

    name: str
    type: str | None
    account_id: str | None
    inferred: bool
    entity_path: tuple[CauseEntity, ...]


class RootCause(NamedTuple):
    """The way from the entry point to what failed, or took the time."""

    client_impacting: bool
    services: tuple[CauseService, ...]


class TraceFacts(NamedTuple):
    """One trace.

    `id_time` is the second in the trace's id, `duration` runs from the first start to the last end,
    `response_time`, the flags and `http_*` are the root segment's. `partial` is true while anything is in
    progress. `entry_point` is the root's index in `services`; there is no root while only subsegments have
    come.
    """

    trace_id: str
    id_time: int
    start_time: float
    end_time: float
    duration: float
    response_time: float | None
    partial: bool
    error: bool
    throttle: bool
    fault: bool
    http_url: str | None
    http_method: str | None
    http_status: int | None
    http_user_agent: str | None
    http_client_ip: str | None
    entry_point: int | None
    services: tuple[ServiceFacts, ...]
    edges: tuple[EdgeFacts, ...]
    annotations: tuple[Annotation, ...]
    fault_causes: tuple[RootCause, ...]
    error_causes: tuple[RootCause, ...]
    response_time_causes: tuple[RootCause, ...]
