"""What X-Ray's keywords are called on the spans that the backend sends to Honeycomb.

The names are OpenTelemetry's, as services/tracing records them; Honeycomb adds duration_ms, trace.* and
span.kind (reference: Honeycomb, "Span to event").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from xray.filters.keys import Key, Operator
from xray.filters.scopes import FIELDS, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

Filter = dict[str, Any]
"""One of Honeycomb's filters: `column`, `op` and, but for `exists` and `does-not-exist`, `value`."""

SERVICE = "service.name"
ACCOUNT = "cloud.account.id"
PARENT = "trace.parent_id"
SPAN_KIND = "span.kind"
STATUS = "http.response.status_code"
CALLED = "server.address"


class Column(NamedTuple):
    """A keyword's column; `factor` turns X-Ray's unit into the column's; `caveat` says what differs."""

    name: str
    factor: float = 1
    caveat: str = ""


_DURATION = "a span's own time; of a trace, X-Ray takes first start to last end"

COLUMNS: Mapping[Key, Column] = {
    Key.RESPONSE_TIME: Column("duration_ms", 1000),
    Key.DURATION: Column("duration_ms", 1000, _DURATION),
    Key.HTTP_STATUS: Column(STATUS),
    Key.HTTP_METHOD: Column("http.request.method"),
    Key.HTTP_URL: Column("url.path", 1, "the path alone; X-Ray's URL has scheme, host and port before it"),
    Key.HTTP_USER_AGENT: Column("user_agent.original"),
    Key.HTTP_CLIENT_IP: Column("client.address"),
    Key.USER: Column("enduser.id"),
    Key.NAME: Column(SERVICE),
    Key.ACCOUNT_ID: Column(ACCOUNT),
    Key.AVAILABILITY_ZONE: Column("cloud.availability_zone"),
    Key.INSTANCE_ID: Column("host.id"),
}

URL_OF_CALL = Column("url.full")
"""A calling span has the whole URL."""

NO_COLUMN: Mapping[Key, str] = {
    Key.PARTIAL: "no span is in progress, they are sent when they have ended",
    Key.INFERRED: "a called service that sends nothing has no span of its own",
    Key.TYPE: "spans have no type of X-Ray's",
    Key.RESOURCE_ARN: "spans have no resource ARN",
}
"""Why a keyword has no column."""

ANY_SEGMENT = frozenset(key for key, field in FIELDS[Scope.TRACE].items() if field.of_services)
"""What a trace has where one of its segments has it, as annotations too."""

FLAGS: Mapping[Key, Mapping[bool, Filter]] = {
    Key.OK: {
        True: {"column": STATUS, "op": "<", "value": 400},
        False: {"column": STATUS, "op": ">=", "value": 400},
    },
    Key.FAULT: {
        True: {"column": STATUS, "op": ">=", "value": 500},
        False: {"column": STATUS, "op": "<", "value": 500},
    },
    Key.THROTTLE: {
        True: {"column": STATUS, "op": "=", "value": 429},
        False: {"column": STATUS, "op": "!=", "value": 429},
    },
    Key.ERROR: {
        True: {"column": STATUS, "op": "in", "value": [*range(400, 500)]},
        False: {"column": STATUS, "op": "not-in", "value": [*range(400, 500)]},
    },
}
"""X-Ray's flags by HTTP status, in one filter each, so that OR can join them; Honeycomb takes 100 values."""

FLAG_CAVEAT = "by HTTP status; a span without one doesn't match, and X-Ray's flags don't need one"
NO_FLAG_CAVEAT = "by HTTP status; a span without one matches, and X-Ray's flags don't need one"
ANY_SEGMENT_CAVEAT = "X-Ray looks at any segment of the trace, this at one span"
SAME_SPAN_CAVEAT = "X-Ray looks at any segment of the trace, this at the span that the other parts are about"
ROOT_CAVEAT = "the span without a parent; behind a caller that traces, the trace's root isn't ours"
SEGMENT_CAVEAT = "a service's segments are taken for its spans of kind server"
CALL_CAVEAT = "X-Ray's name of a called service may be another than the host that was called"

OPERATORS: Mapping[Operator, str] = {
    Operator.EQUAL: "=",
    Operator.UNEQUAL: "!=",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
    Operator.CONTAINS: "contains",
    Operator.BEGINS_WITH: "starts-with",
    Operator.ENDS_WITH: "ends-with",
}

HOLD_OF_NOTHING = frozenset(
    ("!=", "does-not-contain", "does-not-start-with", "does-not-end-with", "does-not-exist", "not-in")
)
"""The operators that hold where a span has no such column."""

OPPOSITES: Mapping[str, str] = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "contains": "does-not-contain",
    "starts-with": "does-not-start-with",
    "ends-with": "does-not-end-with",
    "exists": "does-not-exist",
    "does-not-exist": "exists",
}
