"""Spans as X-Ray's segment documents, as the OpenTelemetry Collector's X-Ray exporter makes them.

A server or consumer span, and one without a parent, is a segment; any other is a subsegment that travels as a
document of its own, so that none has to wait for another.
"""

from collections.abc import Collection, Mapping
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Link, SpanKind

from services.tracing.times import bounded_nanoseconds
from services.tracing.translation.attributes import place
from services.tracing.translation.aws import CALL_FIELDS, is_aws_call, make_aws
from services.tracing.translation.cause import make_cause, set_flags
from services.tracing.translation.http import make_http
from services.tracing.translation.naming import (
    LOCAL_SERVICE,
    REMOTE_SERVICE,
    name_and_namespace,
    remote_service,
)
from services.tracing.translation.resource import RESOURCE_PREFIX, view_of
from services.tracing.translation.sql import make_sql
from services.tracing.translation.usual import usual_document
from services.tracing.translation.values import json_value, new_id, text
from xray.names import ANNOTATIONS_MAX_PER_TRACE, clean_segment_name, to_xray_trace_id

IN_PROGRESS_ATTRIBUTE = "aws.xray.inprogress"
SPAN_KIND_ATTRIBUTE = "aws.span.kind"
LOCAL_ROOT = "LOCAL_ROOT"
_NOTHING: Mapping[str, Any] = {}
_SEGMENT_KINDS = (SpanKind.SERVER, SpanKind.CONSUMER)
_OF_THE_DEPENDENCY = (
    *(REMOTE_SERVICE, "aws.remote.operation", "aws.remote.target", "remoteTarget", "K8s.RemoteNamespace"),
)


def segment_documents(
    span: ReadableSpan, *, indexed_attributes: Collection[str] = (), index_all_attributes: bool = False
) -> list[dict[str, Any]]:
    """Return the documents of a span: one, or two for a local root that is itself a call to another service.

    Attributes in `indexed_attributes` (all with `index_all_attributes`) become annotations, others metadata.
    Pure but for ids made at random. A span without ids has no document.
    """
    context = span.get_span_context()
    if context is None or not context.is_valid:
        return []
    attributes = span.attributes or _NOTHING
    if not index_all_attributes and len(indexed_attributes) <= ANNOTATIONS_MAX_PER_TRACE:
        usual = usual_document(span, view_of(span.resource), attributes, indexed_attributes)
        if usual is not None:
            return [usual]
    make = _Maker(span, indexed_attributes, index_all_attributes)
    identity = f"{context.span_id:016x}"
    if attributes.get(SPAN_KIND_ATTRIBUTE) != LOCAL_ROOT:
        return [make(attributes, identity, make.parent_id)]
    if span.kind in (SpanKind.SERVER, SpanKind.INTERNAL):
        segment = make(attributes, identity, make.parent_id, is_local_root=True)
        segment.pop("type", None)
        segment.pop("namespace", None)
        return [segment]
    service_id = new_id()
    return [
        _dependency(make(attributes, identity, service_id, is_local_root=True), span, attributes),
        _service(make, attributes, service_id),
    ]


class _Maker:
    """Makes one document of a span."""

    __slots__ = ("_index_all", "_indexed", "_view", "parent_id", "span")

    def __init__(self, span: ReadableSpan, indexed_attributes: Collection[str], index_all: bool) -> None:
        parent = span.parent
        self.span = span
        self.parent_id = None if parent is None or not parent.span_id else f"{parent.span_id:016x}"
        self._indexed = indexed_attributes
        self._index_all = index_all
        self._view = view_of(span.resource)

    def __call__(
        self,
        original: Mapping[str, Any],
        identity: str,
        parent_id: str | None,
        *,
        is_local_root: bool = False,
    ) -> dict[str, Any]:
        span, view, kind = self.span, self._view, self.span.kind
        is_subsegment = parent_id is not None and kind not in _SEGMENT_KINDS
        name, namespace = name_and_namespace(
            span.name, kind, original, view.service_name, is_local_root=is_local_root
        )
        if namespace is None and is_subsegment and kind is SpanKind.PRODUCER and REMOTE_SERVICE in original:
            namespace = "remote"
        start, end = bounded_nanoseconds(span.start_time), span.end_time
        document: dict[str, Any] = {
            "trace_id": to_xray_trace_id(span.context.trace_id),
            "id": identity,
            "name": name,
            "start_time": start / 1e9,
        }
        attributes = dict(original)
        if attributes.get(IN_PROGRESS_ATTRIBUTE) is True:
            del attributes[IN_PROGRESS_ATTRIBUTE]
            document["in_progress"] = True
        else:
            document["end_time"] = (start if end is None else bounded_nanoseconds(end)) / 1e9
        set_flags(document, span, original)
        http = make_http(attributes, span.events, is_server=kind is SpanKind.SERVER)
        cause = make_cause(span, attributes, is_aws=is_aws_call(original), language=view.language)
        aws = make_aws(attributes, view)
        sql = make_sql(span.name, attributes, original)
        for key in self._indexed:
            if key in original:
                attributes.setdefault(key, original[key])
        left = place(
            attributes,
            _NOTHING if is_subsegment else view.prefixed,
            indexed_attributes=self._indexed,
            index_all=self._index_all,
        )
        blocks: tuple[tuple[str, Any], ...] = (
            ("parent_id", parent_id),
            ("type", "subsegment" if is_subsegment else None),
            ("namespace", namespace),
            ("origin", view.origin),
            ("service", view.service),
            ("user", left.user),
            ("http", http),
            ("cause", cause),
            ("aws", aws),
            ("sql", sql),
            ("annotations", left.annotations),
            ("metadata", left.metadata),
            ("links", [_link(link) for link in span.links if link.context.is_valid]),
        )
        document.update((key, block) for key, block in blocks if block)
        return document


def _link(link: Link) -> dict[str, Any]:
    document: dict[str, Any] = {
        "trace_id": to_xray_trace_id(link.context.trace_id),
        "id": f"{link.context.span_id:016x}",
    }
    if link.attributes:
        document["attributes"] = json_value(dict(link.attributes))
    return document


def _dependency(
    document: dict[str, Any], span: ReadableSpan, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The call of a local root, below the service's segment."""
    document["type"] = "subsegment"
    document.setdefault("namespace", "remote")
    if span.kind is SpanKind.CONSUMER:
        document.pop("links", None)
    if name := remote_service(attributes):
        document["name"] = clean_segment_name(name)
    return document


def _service(make: _Maker, attributes: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """The service of a local root that is itself a call: the same span without what belongs to the call."""
    own = {key: value for key, value in attributes.items() if key not in _OF_THE_DEPENDENCY}
    document = make(own, identity, make.parent_id, is_local_root=True)
    if name := text(attributes.get(LOCAL_SERVICE, "")):
        document["name"] = clean_segment_name(name)
    for key in ("http", "type", "namespace"):
        document.pop(key, None)
    if make.span.kind is not SpanKind.CONSUMER:
        document.pop("links", None)
    for key in CALL_FIELDS:
        document.get("aws", {}).pop(key, None)
    metadata = document.get("metadata", {})
    for namespace, content in metadata.items():
        metadata[namespace] = {key: content[key] for key in content if key.startswith(RESOURCE_PREFIX)}
    return document
