"""Facts made by hand: short forms with everything that a test doesn't speak of left empty."""

from __future__ import annotations

from typing import Any

from xray.traces.facts import (
    Annotation,
    CauseEntity,
    CauseException,
    CauseService,
    EdgeFacts,
    RootCause,
    ServiceFacts,
    TraceFacts,
)

_HTTP = dict.fromkeys(
    ("http_url", "http_method", "http_status", "http_user_agent", "http_client_ip"),
)
_FLAGS = dict.fromkeys(("error", "throttle", "fault"), False)


def service(name: str = "a", **given: Any) -> ServiceFacts:
    """A segment of half a second."""
    values: dict[str, Any] = {
        "id": "0" * 16,
        "type": None,
        "account_id": None,
        "root": False,
        "inferred": False,
        "in_progress": False,
        **_FLAGS,
        "start_time": 100.0,
        "end_time": 100.5,
        "response_time": 0.5,
        **_HTTP,
        **dict.fromkeys(("user", "availability_zone", "instance_id", "resource_arn")),
        "annotations": (),
    }
    return ServiceFacts(name=name, **{**values, **given})


def edge(source_name: str = "a", name: str = "b", **given: Any) -> EdgeFacts:
    """A call of a quarter of a second."""
    values: dict[str, Any] = {
        "id": "1" * 16,
        "source_type": None,
        "source_account_id": None,
        "type": None,
        "account_id": None,
        "in_progress": False,
        **_FLAGS,
        "start_time": 100.0,
        "end_time": 100.25,
        "response_time": 0.25,
        **_HTTP,
        "annotations": (),
    }
    return EdgeFacts(source_name=source_name, name=name, **{**values, **given})


def trace(**given: Any) -> TraceFacts:
    """A trace of one second in which all went well, and whose root is known."""
    values: dict[str, Any] = {
        "trace_id": "1-00000064-" + "0" * 24,
        "id_time": 100,
        "start_time": 100.0,
        "end_time": 101.0,
        "duration": 1.0,
        "response_time": 1.0,
        "partial": False,
        **_FLAGS,
        **_HTTP,
        "entry_point": 0,
        **dict.fromkeys(("services", "edges", "annotations"), ()),
        **dict.fromkeys(("fault_causes", "error_causes", "response_time_causes"), ()),
    }
    return TraceFacts(**{**values, **given})


def annotation(key: str, value: str | float | bool) -> Annotation:
    """An annotation with its value in the field of its kind."""
    return Annotation(
        key,
        value if isinstance(value, str) else None,
        None if isinstance(value, bool | str) else float(value),
        value if isinstance(value, bool) else None,
        None,
    )


def cause_service(name: str, *path: CauseEntity, **given: Any) -> CauseService:
    """A service of a root cause."""
    values: dict[str, Any] = {"type": None, "account_id": None, "inferred": False}
    return CauseService(name=name, entity_path=path, **{**values, **given})


def cause_entity(
    name: str, *exceptions: CauseException, remote: bool = False, coverage: float | None = None
) -> CauseEntity:
    """An entity of a root cause."""
    return CauseEntity(name, remote, coverage, exceptions)


def cause(*services: CauseService, client_impacting: bool = True) -> RootCause:
    """A root cause."""
    return RootCause(client_impacting, services)
