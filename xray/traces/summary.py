"""What GetTraceSummaries tells of a trace (source: the X-Ray API, TraceSummary)."""

from collections.abc import Iterable, Sequence
from typing import Any

from xray.traces.facts import Annotation, CauseService, RootCause, ServiceFacts, TraceFacts

_Key = tuple[str, str | None, str | None]


def summarise(facts: TraceFacts, *, revision: int, matched_event_time: float | None = None) -> dict[str, Any]:
    """Return the API's `TraceSummary`; what isn't known is left out, times are epoch seconds.

    `revision` counts the changes of the trace; `matched_event_time` belongs to the time range types other
    than `TraceId`. By the API `HasThrottle` looks at every segment, the other flags at the root. `ServiceIds`
    has the client too, as published answers of X-Ray do.
    """
    services = facts.services
    ids = [_key(service) for service in services]
    callers = [(edge.source_name, edge.source_type, edge.source_account_id) for edge in facts.edges]
    summary: dict[str, Any] = {
        "Id": facts.trace_id,
        "StartTime": facts.start_time,
        "Duration": facts.duration,
        "HasFault": facts.fault,
        "HasError": facts.error,
        "HasThrottle": facts.throttle or any(service.throttle for service in services),
        "IsPartial": facts.partial,
        "Http": _http(facts),
        "Annotations": _annotations(facts.annotations, ids),
        "Users": _users(services),
        "ServiceIds": _service_ids([*ids, *callers]),
        "ResourceARNs": [{"ARN": arn} for arn in _distinct(service.resource_arn for service in services)],
        "InstanceIds": [{"Id": value} for value in _distinct(service.instance_id for service in services)],
        "AvailabilityZones": [
            {"Name": zone} for zone in _distinct(service.availability_zone for service in services)
        ],
        "FaultRootCauses": [_root_cause(cause) for cause in facts.fault_causes],
        "ErrorRootCauses": [_root_cause(cause) for cause in facts.error_causes],
        "ResponseTimeRootCauses": [_root_cause(cause) for cause in facts.response_time_causes],
        "Revision": revision,
    }
    if facts.response_time is not None:
        summary["ResponseTime"] = facts.response_time
    if facts.entry_point is not None:
        summary["EntryPoint"] = service_id(*ids[facts.entry_point])
    if matched_event_time is not None:
        summary["MatchedEventTime"] = matched_event_time
    return summary


def _key(service: ServiceFacts) -> _Key:
    return service.name, service.type, service.account_id


def service_id(name: str, kind: str | None, account_id: str | None) -> dict[str, Any]:
    """Return the API's `ServiceId`, without what isn't known."""
    found: dict[str, Any] = {"Name": name, "Names": [name]}
    if account_id is not None:
        found["AccountId"] = account_id
    if kind is not None:
        found["Type"] = kind
    return found


def _http(facts: TraceFacts) -> dict[str, Any]:
    members = {
        "HttpURL": facts.http_url,
        "HttpStatus": facts.http_status,
        "HttpMethod": facts.http_method,
        "UserAgent": facts.http_user_agent,
        "ClientIp": facts.http_client_ip,
    }
    return {member: value for member, value in members.items() if value is not None}


def _annotations(annotations: Iterable[Annotation], ids: Sequence[_Key]) -> dict[str, list[dict[str, Any]]]:
    """Return each key's different values, each with the services that set it."""
    found: dict[str, dict[tuple[str, Any], dict[_Key, None]]] = {}
    for annotation in annotations:
        setters = found.setdefault(annotation.key, {}).setdefault(_value(annotation), {})
        if annotation.service is not None:
            setters[ids[annotation.service]] = None
    return {
        key: [
            {"AnnotationValue": {kind: value}, "ServiceIds": _service_ids(setters)}
            for (kind, value), setters in values.items()
        ]
        for key, values in found.items()
    }


def _value(annotation: Annotation) -> tuple[str, Any]:
    if annotation.text is not None:
        return "StringValue", annotation.text
    return (
        ("NumberValue", annotation.number) if annotation.flag is None else ("BooleanValue", annotation.flag)
    )


def _users(services: Iterable[ServiceFacts]) -> list[dict[str, Any]]:
    found: dict[str, dict[_Key, None]] = {}
    for service in services:
        if service.user is not None:
            found.setdefault(service.user, {})[_key(service)] = None
    return [{"UserName": user, "ServiceIds": _service_ids(ids)} for user, ids in found.items()]


def _distinct(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _service_ids(keys: Iterable[_Key]) -> list[dict[str, Any]]:
    return [service_id(*key) for key in dict.fromkeys(keys)]


def _root_cause(cause: RootCause) -> dict[str, Any]:
    return {
        "ClientImpacting": cause.client_impacting,
        "Services": [_cause_service(service) for service in cause.services],
    }


def _cause_service(service: CauseService) -> dict[str, Any]:
    path: list[dict[str, Any]] = []
    for entity in service.entity_path:
        step: dict[str, Any] = {"Name": entity.name, "Remote": entity.remote}
        if entity.coverage is not None:
            step["Coverage"] = entity.coverage
        else:
            step["Exceptions"] = [
                {
                    member: value
                    for member, value in (("Name", thrown.name), ("Message", thrown.message))
                    if value is not None
                }
                for thrown in entity.exceptions
            ]
        path.append(step)
    return {
        **service_id(service.name, service.type, service.account_id),
        "Inferred": service.inferred,
        "EntityPath": path,
    }
