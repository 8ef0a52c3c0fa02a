"""Where a keyword may stand, and what it reads there: of facts in Python, of a row in SQL.

A scope is what a condition looks at: the whole trace, or one element of it inside of `{...}`. In SQL the
row of the trace is `t`; an element is `s` (service), `e` (edge, entity) or `x` (exception), `i` its place
from 1 on in `f`, the list of them that a root cause has.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from xray.filters.keys import Key
from xray.filters.tree import Selector
from xray.traces.facts import CLIENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray.filters.tree import Service
    from xray.traces.facts import CauseEntity, CauseException, CauseService


class Scope(Enum):
    """What a condition looks at."""

    TRACE = "the trace"
    SERVICE = "service {...}"
    EDGE = "edge {...}"
    CAUSE_SERVICE = "rootcause.<kind>.service {...}"
    CAUSE_ENTITY = "rootcause.<kind>.entity {...}"
    CAUSE_EXCEPTION = "rootcause.<kind>.exception {...}"


class Element(NamedTuple):
    """A service, entity or exception of a root cause, with its place from 0 on among those of its path.

    `remote` is the entity's; an exception has that of the entity that raised it.
    """

    value: CauseService | CauseEntity | CauseException
    place: int
    is_last: bool
    remote: bool


class Field(NamedTuple):
    """What a keyword reads: `read` of facts, None where absent; `sql` of the row.

    With `of_services` both are of one service, and at trace level any service's value counts.
    """

    read: Callable[[Any], Any]
    sql: str
    of_services: bool = False


def _own(alias: str, column: str) -> Field:
    return Field(lambda facts: getattr(facts, column), f'{alias}."{column}"')


def _of_services(column: str) -> Field:
    return _own("s", column)._replace(of_services=True)


def _ok(alias: str) -> Field:
    flags = " OR ".join(f"coalesce({alias}.{flag}, FALSE)" for flag in ("error", "throttle", "fault"))
    return Field(lambda facts: not (facts.error or facts.throttle or facts.fault), f"(NOT ({flags}))")


def _ok_of_root() -> Field:
    """Return the trace's `ok`: what no root is known of isn't."""
    request = _ok("t")
    return Field(
        lambda facts: facts.entry_point is not None and request.read(facts),
        f"(t.entry_point IS NOT NULL AND {request.sql})",
    )


def _status(alias: str) -> Field:
    # Numbers are compared as DuckDB does it: as floats, of which 2**53 + 1 is none.
    return Field(
        lambda facts: None if facts.http_status is None else float(facts.http_status),
        f"CAST({alias}.http_status AS DOUBLE)",
    )


def _request(alias: str) -> dict[Key, Field]:
    """Return what trace, service and edge share: flags and times of a request, and its HTTP."""
    return {
        Key.OK: _ok(alias),
        Key.ERROR: _own(alias, "error"),
        Key.THROTTLE: _own(alias, "throttle"),
        Key.FAULT: _own(alias, "fault"),
        Key.RESPONSE_TIME: _own(alias, "response_time"),
        Key.HTTP_STATUS: _status(alias),
        Key.HTTP_URL: _own(alias, "http_url"),
        Key.HTTP_METHOD: _own(alias, "http_method"),
        Key.HTTP_USER_AGENT: _own(alias, "http_user_agent"),
        Key.HTTP_CLIENT_IP: _own(alias, "http_client_ip"),
    }


_PLACE = {
    Key.INDEX: Field(lambda element: element.place, "(i - 1)"),
    Key.FIRST: Field(lambda element: element.place == 0, "(i = 1)"),
    Key.LAST: Field(lambda element: element.is_last, "(i = len(f))"),
}


def _of_element(alias: str, column: str) -> Field:
    return Field(lambda element: getattr(element.value, column), f'{alias}."{column}"')


SERVICES_OF_CAUSE = "c.services"
ENTITIES_OF_CAUSE = "flatten(list_transform(c.services, lambda v: v.entity_path))"
EXCEPTIONS_OF_CAUSE = (
    f"flatten(list_transform({ENTITIES_OF_CAUSE}, lambda w: list_transform(w.exceptions, "
    "lambda y: {'name': y.\"name\", 'message': y.message, 'remote': w.remote})))"
)

FIELDS: dict[Scope, dict[Key, Field]] = {
    Scope.TRACE: {
        **_request("t"),
        Key.OK: _ok_of_root(),
        Key.PARTIAL: _own("t", "partial"),
        Key.DURATION: _own("t", "duration"),
        Key.INFERRED: _of_services("inferred"),
        Key.NAME: _of_services("name"),
        Key.TYPE: _of_services("type"),
        Key.USER: _of_services("user"),
        Key.AVAILABILITY_ZONE: _of_services("availability_zone"),
        Key.INSTANCE_ID: _of_services("instance_id"),
        Key.RESOURCE_ARN: _of_services("resource_arn"),
    },
    Scope.SERVICE: {
        **_request("s"),
        Key.PARTIAL: _own("s", "in_progress"),
        Key.DURATION: _own("s", "response_time"),
        Key.INFERRED: _own("s", "inferred"),
        Key.ROOT: _own("s", "root"),
        Key.NAME: _own("s", "name"),
        Key.TYPE: _own("s", "type"),
        Key.ACCOUNT_ID: _own("s", "account_id"),
        Key.USER: _own("s", "user"),
        Key.AVAILABILITY_ZONE: _own("s", "availability_zone"),
        Key.INSTANCE_ID: _own("s", "instance_id"),
        Key.RESOURCE_ARN: _own("s", "resource_arn"),
    },
    Scope.EDGE: {
        **_request("e"),
        Key.PARTIAL: _own("e", "in_progress"),
        Key.DURATION: _own("e", "response_time"),
    },
    Scope.CAUSE_SERVICE: {
        **_PLACE,
        Key.NAME: _of_element("s", "name"),
        Key.TYPE: _of_element("s", "type"),
        Key.ACCOUNT_ID: _of_element("s", "account_id"),
        Key.INFERRED: _of_element("s", "inferred"),
    },
    Scope.CAUSE_ENTITY: {
        **_PLACE,
        Key.NAME: _of_element("e", "name"),
        Key.COVERAGE: _of_element("e", "coverage"),
        Key.REMOTE: Field(lambda element: element.remote, "e.remote"),
    },
    Scope.CAUSE_EXCEPTION: {
        **_PLACE,
        Key.NAME: _of_element("x", "name"),
        Key.MESSAGE: _of_element("x", "message"),
        Key.REMOTE: Field(lambda element: element.remote, "x.remote"),
    },
}
"""Which keywords each scope knows."""

ANNOTATED: dict[Scope, str] = {
    Scope.TRACE: "t.annotations",
    Scope.SERVICE: "s.annotations",
    Scope.EDGE: "e.annotations",
}
"""Where `annotation` may stand, and the list of annotations there."""


def takes_client(source: Selector) -> bool:
    """Tell whether a call's source may be the client. It has the root's name, so a name alone means that."""
    return source == Selector() or source.type is not None


def may_be_client(tree: Service) -> bool:
    """Tell whether the client may be meant too, of whom nothing is known but who it calls."""
    return tree.body is None and tree.selector.type == CLIENT_TYPE


def scopes_with(key: Key) -> tuple[str, ...]:
    """Return, in words, where a keyword may stand."""
    return tuple(scope.value for scope, fields in FIELDS.items() if key in fields)
