"""Segment documents: what makes one valid for X-Ray.

Source: X-Ray segment documents (devguide/xray-api-segmentdocuments.html); the codes are those that
PutTraceSegments lists in UnprocessedTraceSegments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xray.names import is_entity_id, is_trace_id, is_valid_segment_name
from xray.segment_blocks import block_problems, short
from xray.segment_fields import FLAGS, NAMESPACES, SUBSEGMENT_DEPTH_MAX, is_time
from xray.sound_segments import is_sound
from xray.waterfall import Node, Waterfall, merge_trace

__all__ = [
    "SUBSEGMENT_DEPTH_MAX",
    "Node",
    "Problem",
    "Waterfall",
    "list_problems",
    "merge_trace",
    "validate_document",
]

_NAME_RULE = "1 to 200 letters, numbers, spaces and _.:/%&#=+\\-@"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why X-Ray refuses a document: its code, its message, and in our words where and what."""

    code: str
    message: str
    detail: str


def validate_document(document: object) -> list[Problem]:
    """Return why X-Ray would refuse a segment or independent subsegment; empty for a document that it takes.

    `null` is refused wherever a field is looked into, as by AWS's JSON schema: what isn't there is left out.
    Never raises, whatever a JSON parser made the document from.
    """
    return [] if is_sound(document) else list_problems(document)


def list_problems(document: object) -> list[Problem]:
    """Return what `validate_document` does, at length: what is sound goes through every test too."""
    if not isinstance(document, Mapping):
        return [
            _problem("InvalidSegment", "segment", f"expected a JSON object, not {type(document).__name__}")
        ]
    independent = document.get("type") == "subsegment"
    label = "subsegment" if independent else "segment"
    return [_problem(code, label, detail) for code, detail in _document_problems(document, independent)]


def _problem(code: str, label: str, detail: str) -> Problem:
    cause = ", Cause: null" if label == "subsegment" else ""
    return Problem(code, f"Invalid {label}. ErrorCode: {code}{cause}", detail)


_Found = Iterator[tuple[str, str]]


def _document_problems(document: Mapping[str, Any], independent: bool) -> _Found:
    if document.get("type", "subsegment") != "subsegment":
        yield "InvalidSegment", f"type is {short(document['type'])}, expected subsegment or none"
    trace_id = document.get("trace_id")
    if trace_id is None:
        yield "MissingTraceId", "trace_id is missing"
    elif not is_trace_id(trace_id):
        yield "InvalidTraceId", f"trace_id is {short(trace_id)}, expected 1-<8 hex digits>-<24 hex digits>"
    if independent and "parent_id" not in document:
        yield "InvalidSegment", "parent_id is missing; an independent subsegment needs it"
    yield from _entity_problems(document, "", 0)


def _entity_problems(entity: Mapping[str, Any], place: str, depth: int) -> _Found:
    yield from _identity_problems(entity, place)
    yield from _time_problems(entity, place)
    yield from _block_problems(entity, place)
    if "subsegments" not in entity:
        return
    subsegments = entity["subsegments"]
    if not isinstance(subsegments, list):
        yield "InvalidSegment", f"{place}subsegments is no list"
    elif depth >= SUBSEGMENT_DEPTH_MAX:
        yield "InvalidSegment", f"{place}subsegments are nested deeper than {SUBSEGMENT_DEPTH_MAX}"
    else:
        for index, child in enumerate(subsegments):
            where = f"{place}subsegments[{index}]"
            if isinstance(child, Mapping):
                yield from _entity_problems(child, f"{where}.", depth + 1)
            else:
                yield "InvalidSegment", f"{where} is no object"


def _identity_problems(entity: Mapping[str, Any], place: str) -> _Found:
    identity = entity.get("id")
    if identity is None:
        yield "MissingId", f"{place}id is missing"
    elif not is_entity_id(identity):
        yield "InvalidSegment", f"{place}id is {short(identity)}, expected 16 hex digits"
    if "parent_id" in entity and not is_entity_id(entity["parent_id"]):
        yield "InvalidSegment", f"{place}parent_id is {short(entity['parent_id'])}, expected 16 hex digits"
    name = entity.get("name")
    if name is None or name == "":
        yield "MissingName", f"{place}name is missing"
    elif not isinstance(name, str) or not is_valid_segment_name(name):
        yield (
            "InvalidName",
            f"{place}name is {short(name)}; allowed: {_NAME_RULE}",
        )


def _time_problems(entity: Mapping[str, Any], place: str) -> _Found:
    if not is_time(entity.get("start_time")):
        yield (
            "InvalidSegment",
            f"{place}start_time is {short(entity.get('start_time'))}, expected epoch seconds",
        )
    end = entity.get("end_time")
    running = entity.get("in_progress") is True
    if end is None and not running:
        yield "MissingEndTime", f"{place}end_time is missing and in_progress is not true"
    elif "end_time" in entity and running:
        yield "InvalidSegment", f"{place}end_time and in_progress exclude each other"
    elif end is not None and not is_time(end):
        yield "InvalidSegment", f"{place}end_time is {short(end)}, expected epoch seconds"


def _block_problems(entity: Mapping[str, Any], place: str) -> _Found:
    for key in FLAGS:
        if not isinstance(entity.get(key, False), bool):
            yield "InvalidSegment", f"{place}{key} is {short(entity[key])}, expected true or false"
    if entity.get("namespace", "aws") not in NAMESPACES:
        yield (
            "InvalidSegment",
            f"{place}namespace is {short(entity['namespace'])}, expected aws, remote or local",
        )
    for detail in block_problems(entity, place):
        yield "InvalidSegment", detail
