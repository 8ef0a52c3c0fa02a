"""X-Ray's segment documents, as BatchGetTraces returns them, as facts.

Source: X-Ray segment documents (devguide/xray-api-segmentdocuments.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.parity import exceptions
from scripts.parity.facts import Facts, Unordered
from scripts.parity.mapping import SEGMENT, SUBSEGMENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RESOURCE_PREFIX = "otel.resource."
SHORTENED_MARK = "otel.document.shortened_from_bytes"

_BLOCKS = ("http", "aws", "sql", "service")
_ALWAYS = frozenset({"id", "trace_id", "parent_id", "start_time", "end_time", "name", "type"})
_READ_APART = frozenset({"subsegments", "cause", "annotations", "metadata", "links"})
_PLAIN = frozenset({"namespace", "user", "origin"})
_FLAGS = ("error", "fault", "throttle", "in_progress")
_DEFAULT_NAMESPACE = "default"


def read(documents: Iterable[Mapping[str, Any]]) -> list[Facts]:
    """Return the facts of every segment and subsegment of these whole segments."""
    return [
        _facts(document, kind, trace_id, parent_id)
        for whole in documents
        for document, kind, trace_id, parent_id in _flat(whole)
    ]


def _flat(whole: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str, str | None]]:
    trace_id = "".join(whole["trace_id"].split("-")[1:]).lower()
    waiting: list[tuple[Mapping[str, Any], str, str | None]] = [
        (whole, whole.get("type", SEGMENT), whole.get("parent_id"))
    ]
    while waiting:
        document, kind, parent_id = waiting.pop()
        yield document, kind, trace_id, parent_id
        # One that is embedded in another is a subsegment without saying so.
        waiting += [(inner, SUBSEGMENT, document["id"]) for inner in document.get("subsegments", ())]


def _facts(document: Mapping[str, Any], kind: str, trace_id: str, parent_id: str | None) -> Facts:
    said: dict[str, Any] = {"name": document["name"], "type": kind}
    said.update((name, True) for name in _FLAGS if document.get(name))
    said.update((name, document[name]) for name in _PLAIN if document.get(name))
    for block in _BLOCKS:
        said.update(_flattened(block, document.get(block) or {}))
    cause = document.get("cause") or {}
    if told := exceptions.from_cause(cause):
        said["exceptions"] = told
    if lost := exceptions.unlinked(cause):
        said["exceptions.unlinked"] = lost
    if links := document.get("links"):
        said["links"] = Unordered(
            ("".join(link["trace_id"].split("-")[1:]), link["id"], link.get("attributes", {}))
            for link in links
        )
    if annotations := document.get("annotations"):
        said["annotations"] = sorted(annotations)
    attributes, resource, is_shortened = _kept(document)
    start = _nanoseconds(document["start_time"])
    end = None if document.get("end_time") is None else _nanoseconds(document["end_time"])
    if end is not None and end < start:
        end, said["time"] = start, "ends before it starts"
    said.update(
        (f"unknown.{key}", document[key])
        for key in document.keys() - _ALWAYS - _READ_APART - _PLAIN - {*_BLOCKS, *_FLAGS}
    )
    return Facts(
        trace_id, document["id"].lower(), parent_id and parent_id.lower(), start, end, said, attributes,
        resource, is_shortened,
    )  # fmt: skip


def _kept(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Return the attributes, the resource's, and whether the document was shortened."""
    attributes: dict[str, Any] = dict(document.get("annotations") or {})
    resource: dict[str, Any] = {}
    is_shortened = False
    for namespace, content in (document.get("metadata") or {}).items():
        for key, value in content.items():
            if namespace != _DEFAULT_NAMESPACE:
                attributes[f"aws.xray.metadata.{namespace}.{key}"] = value
            elif key == SHORTENED_MARK:
                is_shortened = True
            elif key.startswith(RESOURCE_PREFIX):
                resource[key.removeprefix(RESOURCE_PREFIX)] = value
            else:
                attributes[key] = value
    return attributes, resource, is_shortened


def _flattened(prefix: str, block: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in block.items():
        if isinstance(value, dict):
            yield from _flattened(f"{prefix}.{key}", value)
        elif value not in (None, "", False) or prefix == "http.response":
            yield f"{prefix}.{key}", value


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
