"""Honeycomb's events as facts.

Source: honeycombio/husky, otlp/traces.go: how a span becomes an event, and each of its own events and links
one more, told apart by `meta.annotation_type`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scripts.parity import exceptions, mapping
from scripts.parity.facts import Facts, Unordered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

INDEXED_ATTRIBUTES = ("http.route",)
"""What the backend makes annotations of where TRACING_INDEXED_ATTRIBUTES is not set."""

_METADATA = "aws.xray.metadata."
_ANNOTATIONS = "aws.xray.annotations"
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_.]")
_ANNOTATION_MAX_CHARACTERS = 1000
_TRACE_ID_DIGITS = 32
_BUILT_IN = frozenset(
    {
        *("trace.trace_id", "trace.span_id", "trace.parent_id", "trace.trace_state", "name", "type"),
        *("duration_ms", "span.kind", "status_code", "status_message", "error", "span.num_events"),
        *("span.num_links", "meta.signal_type", "meta.invalid_duration", "library.name", "library.version"),
        *("telemetry.instrumentation_library", "resource.schema_url", "scope.schema_url"),
    }
)
_OF_A_LINK = frozenset({"trace.link.trace_id", "trace.link.span_id", "meta.annotation_type", "parent_name"})
_COPIED_FROM_EXCEPTION = frozenset(
    {f"exception.{name}" for name in ("type", "message", "stacktrace", "escaped")}
)


@dataclass(frozen=True)
class Reading:
    """What has to be known to read events: an event does not tell the resource's attributes from its own.

    `resource_names` are those of the resource's attributes, `indexed` the attributes that become annotations.
    Where `is_everything_sampled`, an event that stands for several is amiss.
    """

    resource_names: Collection[str]
    indexed: Collection[str] = INDEXED_ATTRIBUTES
    is_everything_sampled: bool = True


def read(events: Iterable[Mapping[str, Any]], reading: Reading) -> list[Facts]:
    """Return the facts of every span that these events, ``{"time", "samplerate", "data", ...}``, tell."""
    spans: list[Mapping[str, Any]] = []
    annotations: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for event in events:
        data = event["data"]
        if "meta.annotation_type" in data:
            annotations[data["trace.trace_id"], data["trace.parent_id"]].append(data)
        else:
            spans.append(event)
    return [_facts(span, annotations[_id(span["data"])], reading) for span in spans]


def count_annotations(events: Iterable[Mapping[str, Any]]) -> int:
    """Return how many of these are no spans, but events and links of some."""
    return sum("meta.annotation_type" in event["data"] for event in events)


def _id(span: Mapping[str, Any]) -> tuple[str, str]:
    return span["trace.trace_id"], span["trace.span_id"]


def nanoseconds(time: str) -> int:
    """Return an RFC 3339 time with up to nine digits of a second in nanoseconds since 1970."""
    whole, _, fraction = time.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return seconds * 1_000_000_000 + int(fraction.ljust(9, "0") or 0)


def _facts(event: Mapping[str, Any], annotations: list[Mapping[str, Any]], reading: Reading) -> Facts:
    data = event["data"]
    kind = data["span.kind"]
    parent_id = data.get("trace.parent_id")
    type_ = mapping.document_type(kind, parent_id)
    is_segment = type_ == mapping.SEGMENT
    events = [one for one in annotations if one["meta.annotation_type"] == "span_event"]
    resource = {key: data[key] for key in reading.resource_names if key in data}
    left_out = _BUILT_IN | (
        _COPIED_FROM_EXCEPTION if any(one["name"] == "exception" for one in events) else set()
    )
    attributes = {
        key: value
        for key, value in data.items()
        if key not in left_out and (key not in resource or _is_of_an_aws_call(key, data))
    }
    said, told = _said(data, kind, attributes, events, is_segment=is_segment)
    said["type"] = type_
    if attributes.get(mapping.IN_PROGRESS) is True:
        said["in_progress"] = True
        told.add(mapping.IN_PROGRESS)
    if links := _links(annotations, reading):
        said["links"] = links
    said |= _about_the_resource(data) | _amiss(event, reading) | _miscounted(data, annotations)
    kept, annotated = _placed(attributes, told, reading.indexed)
    if annotated:
        said["annotations"] = sorted(annotated)
    start = nanoseconds(event["time"])
    if data.get("meta.invalid_duration"):
        said["time"] = "ends before it starts"
    return Facts(
        data["trace.trace_id"].rjust(_TRACE_ID_DIGITS, "0"),
        data["trace.span_id"],
        parent_id,
        start,
        None if "in_progress" in said else start + round(data["duration_ms"] * 1_000_000),
        said,
        kept,
        resource if is_segment else {},
        alone=_alone(data, annotations),
    )


def _alone(data: Mapping[str, Any], annotations: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what X-Ray has no word for."""
    return {
        "kind": data["span.kind"],
        "name": data["name"],
        "library": data.get("library.name", ""),
        "status": data["status_code"],
        "message": data.get("status_message", ""),
        "trace_state": data.get("trace.trace_state", ""),
        "events": [one["name"] for one in annotations if one["meta.annotation_type"] == "span_event"],
        "links": sum(one["meta.annotation_type"] == "link" for one in annotations),
    }


def _said(
    data: Mapping[str, Any],
    kind: str,
    attributes: Mapping[str, Any],
    events: list[Mapping[str, Any]],
    *,
    is_segment: bool,
) -> tuple[dict[str, Any], set[str]]:
    is_error = data["status_code"] == 2
    name = mapping.name(data["name"], kind, attributes, str(data.get("service.name", "")))
    said: dict[str, Any] = {"name": name, **mapping.flags(mapping.status_of(attributes), is_error=is_error)}
    if namespace := mapping.namespace(kind, attributes, is_segment=is_segment):
        said["namespace"] = namespace
    told = {"enduser.id", _ANNOTATIONS}
    if user := attributes.get("enduser.id"):
        said["user"] = mapping.as_text(user)[: mapping.FIELD_MAX_CHARACTERS]
    for facts, names in (
        mapping.http(attributes, kind, events),
        mapping.aws(attributes),
        mapping.sql(data["name"], attributes),
    ):
        said |= facts
        told |= names
    if chain := exceptions.from_events(events, is_remote=mapping.is_remote(kind)):
        said["exceptions"] = chain
    elif is_error and data.get("status_message"):
        said["exceptions"] = [("", data["status_message"], [], False)]
    return said, told


def _about_the_resource(data: Mapping[str, Any]) -> dict[str, Any]:
    sdk, language = data.get("telemetry.sdk.name", ""), data.get("telemetry.sdk.language", "")
    said = {
        "service.version": data.get("service.version"),
        "aws.xray.sdk": f"{sdk} for {language}" if sdk and language else sdk,
        "aws.xray.sdk_version": data.get("telemetry.sdk.version"),
    }
    return {key: value for key, value in said.items() if value}


def _amiss(event: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Return what X-Ray has no word for, where it isn't as it has to be, or contradicts itself."""
    data = event["data"]
    rate, kind, type_ = event["samplerate"], data["span.kind"], data.get("type")
    service_name, is_error = str(data.get("service.name", "")).strip(), data["status_code"] == 2
    said = {
        "sample_rate": rate if reading.is_everything_sampled and rate != 1 else None,
        "dataset": event["dataset"] if event["dataset"].lower() != service_name.lower() else None,
        "status": data.get("error", "no error") if (data.get("error") is True) is not is_error else None,
        "status_message": None if is_error else data.get("status_message"),
        "span.kind": f"{kind}, type {type_}" if kind != type_ else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def _miscounted(data: Mapping[str, Any], annotations: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the numbers that a span tells of its own events and links where another number is there."""
    found = Counter(one["meta.annotation_type"] for one in annotations)
    told = {"span.num_events": found["span_event"], "span.num_links": found["link"]}
    return {
        name: f"{data.get(name)}, {there} there" for name, there in told.items() if data.get(name) != there
    }


def _links(annotations: list[Mapping[str, Any]], reading: Reading) -> Unordered:
    left_out = {*_BUILT_IN, *_OF_A_LINK, *reading.resource_names}
    return Unordered(
        (
            one["trace.link.trace_id"].rjust(_TRACE_ID_DIGITS, "0"),
            one["trace.link.span_id"],
            {key: value for key, value in one.items() if key not in left_out},
        )
        for one in annotations
        if one["meta.annotation_type"] == "link"
    )


def _placed(
    attributes: Mapping[str, Any], told: set[str], indexed: Collection[str]
) -> tuple[dict[str, Any], set[str]]:
    """Return the attributes that X-Ray keeps beside its blocks, by their names there, and the annotations."""
    named = attributes.get(_ANNOTATIONS)
    wanted = {*indexed, *(json.loads(named) if isinstance(named, str) else ())}
    kept: dict[str, Any] = {}
    annotated: set[str] = set()
    for key, value in attributes.items():
        if key in wanted and not (isinstance(value, str) and len(value) > _ANNOTATION_MAX_CHARACTERS):
            name = _NOT_IN_A_KEY.sub("_", key)
            annotated.add(name)
            kept[name] = value
        elif key not in told:
            kept.update(_metadata(key, value))
    return kept, annotated


def _metadata(key: str, value: Any) -> dict[str, Any]:
    """Return an attribute by its name in metadata; one with a prefix holds a namespace of its own as JSON."""
    if key.startswith(_METADATA) and isinstance(value, str):
        try:
            content = json.loads(value)
        except ValueError:
            content = None
        if isinstance(content, dict):
            return {f"{key}.{name}": inner for name, inner in content.items()}
    return {key: value}


def _is_of_an_aws_call(key: str, data: Mapping[str, Any]) -> bool:
    return key == "cloud.region" and mapping.is_aws_call(data)
