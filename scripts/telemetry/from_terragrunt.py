"""Terragrunt's spans, from OTLP's protobuf: of their attributes only those known to hold nothing secret.

Names: Terragrunt 1.1.3, internal/telemetry and the callers of its Collect. The arguments of a child process
may hold anything: of Terraform's only the first, the command, is taken. Of an error only that there was one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts import paths
from scripts.telemetry.spans import Span, Value, shown

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire

RECORDER = "terragrunt"
_PREFIX = "terragrunt"
_KEPT = {
    *("binary", "cache_hit", "dependency_count", "exit_code", "hook", "outcome", "phase", "unit_name"),
    *("terraform_command", "total_tasks", "tasks_succeeded", "tasks_failed", "tasks_early_exit"),
}
_PATHS = {"config_path", "path", "unit_path"}
_TERRAFORM = "run_terraform"
_ERROR = 2


def read(body: bytes, trace_id: int) -> list[Span]:
    """Return the spans of trace *trace_id* in *body*, an ExportTraceServiceRequest; others are nobody's here.

    Raises google.protobuf's DecodeError where it is none.
    """
    wanted = trace_id.to_bytes(16, "big")
    request = ExportTraceServiceRequest.FromString(body)
    return [
        _span(one)
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for one in scope.spans
        if one.trace_id == wanted and len(one.span_id) == 8
    ]


def _span(one: Wire) -> Span:
    attributes: dict[str, Value] = {}
    for attribute in one.attributes:
        value = _value(one.name, attribute.key, attribute.value)
        if value is not None:
            attributes[f"{_PREFIX}.{attribute.key}"] = shown(value)
    failed = one.status.code == _ERROR or any(event.name == "exception" for event in one.events)
    return Span(
        int.from_bytes(one.trace_id, "big"),
        int.from_bytes(one.span_id, "big"),
        int.from_bytes(one.parent_span_id, "big"),
        str(shown(one.name)),
        one.start_time_unix_nano,
        max(one.start_time_unix_nano, one.end_time_unix_nano),
        attributes,
        failed,
        RECORDER,
    )


def _value(span_name: str, name: str, value: AnyValue) -> Value | None:
    """Return what is kept of an attribute, None for nothing."""
    kind = value.WhichOneof("value")
    if name in _KEPT and kind in ("string_value", "bool_value", "int_value", "double_value"):
        kept: Value = getattr(value, kind)
        return kept
    text = value.string_value
    if name in _PATHS and text.startswith(f"{paths.ROOT}/"):
        return text.removeprefix(f"{paths.ROOT}/")
    if name == "args" and span_name == _TERRAFORM:
        return next(iter(text.strip("[]").split()), None)
    return None
