"""Log lines of the application: they carry the trace and the request."""

from flask import has_request_context, request
from opentelemetry import trace

from services.logging.formatter import JsonFormatter
from services.logging.request_id import current_request_id
from xray.names import to_xray_trace_id


class RequestFormatter(JsonFormatter):
    """Adds the span's ids, in Honeycomb's and in X-Ray's form, and the request's id, method and route."""

    def context(self) -> dict[str, object]:
        """Return the fields of `request_context`."""
        return request_context()


def request_context() -> dict[str, object]:
    """Return `trace_id`, `xray_trace_id`, `span_id`, `trace_sampled`; `request_id`, `method`, `route`."""
    return {**_trace_fields(), **_request_fields()}


def _trace_fields() -> dict[str, object]:
    """Requests that are not sampled have ids too: their lines still belong together."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(context.trace_id),
        "xray_trace_id": to_xray_trace_id(context.trace_id),
        "span_id": trace.format_span_id(context.span_id),
        "trace_sampled": context.trace_flags.sampled,
    }


def _request_fields() -> dict[str, object]:
    request_id = current_request_id()
    fields: dict[str, object] = {} if request_id is None else {"request_id": request_id}
    if has_request_context():
        rule = request.url_rule
        fields |= {"method": request.method, "route": rule.rule if rule is not None else None}
    return fields
