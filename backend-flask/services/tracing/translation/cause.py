"""The `cause` block and the error, fault and throttle flags."""

from collections.abc import Mapping
from typing import Any

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from services.tracing.times import bounded_nanoseconds
from services.tracing.translation.http import status_code
from services.tracing.translation.python_traceback import parse_traceback
from services.tracing.translation.values import new_id, text

EXCEPTION_EVENT = "exception"
AWS_FAILURE_EVENT = "HTTP request failure"
EXCEPTIONS_MAX = 20
_REMOTE_KINDS = (SpanKind.CLIENT, SpanKind.PRODUCER)


def set_flags(document: dict[str, Any], span: ReadableSpan, attributes: Mapping[str, Any]) -> None:
    """Set those that hold of error (4xx), throttle (429) and fault (5xx).

    The HTTP status decides, else the span's status.
    """
    code = status_code(attributes) or 0
    if 400 <= code < 500:
        document["error"] = True
        if code == 429:
            document["throttle"] = True
    elif 500 <= code < 600 or span.status.status_code is StatusCode.ERROR:
        document["fault"] = True


def make_cause(
    span: ReadableSpan, attributes: dict[str, Any], *, is_aws: bool, language: str
) -> dict[str, Any] | None:
    """Return the `cause` block, from exception events, else from the status of a span in error."""
    if not span.events and span.status.status_code is not StatusCode.ERROR:
        return None
    exceptions: list[dict[str, Any]] = []
    for event in span.events:
        if len(exceptions) >= EXCEPTIONS_MAX:
            break
        if event.name == EXCEPTION_EVENT:
            exceptions += _exceptions(event, is_remote=span.kind in _REMOTE_KINDS, language=language)
        elif is_aws and event.name == AWS_FAILURE_EVENT:
            exceptions += _aws_failure(event)
    if not exceptions and span.status.status_code is StatusCode.ERROR:
        message = span.status.description or text(attributes.pop("http.status_text", ""))
        if message:
            exceptions = [{"id": new_id(), "type": "", "message": message}]
    return {"exceptions": exceptions[:EXCEPTIONS_MAX]} if exceptions else None


def _exceptions(event: Event, *, is_remote: bool, language: str) -> list[dict[str, Any]]:
    """Return the event's exception, followed by those it came from, each linked by the id of the next."""
    attributes = event.attributes or {}
    last = {
        "id": new_id(),
        "type": text(attributes.get("exception.type", "")),
        "message": text(attributes.get("exception.message", "")),
        "remote": is_remote,
    }
    stacktrace = attributes.get("exception.stacktrace")
    if language != "python" or not isinstance(stacktrace, str) or not stacktrace:
        return [last]
    chain: list[dict[str, Any]] = []
    for parsed in parse_traceback(stacktrace)[:EXCEPTIONS_MAX]:
        exception: dict[str, Any] = last
        if chain:
            exception = {"id": new_id(), "type": parsed.type, "message": parsed.message, "remote": is_remote}
            chain[-1]["cause"] = exception["id"]
        if parsed.stack:
            exception["stack"] = parsed.stack
        if parsed.dropped:
            exception["truncated"] = parsed.dropped
        chain.append(exception)
    return chain


def _aws_failure(event: Event) -> list[dict[str, Any]]:
    attributes = event.attributes or {}
    code, message = attributes.get("http.response.status_code"), attributes.get("aws.http.error_message")
    if code is None or message is None:
        return []
    seconds, rest = divmod(bounded_nanoseconds(event.timestamp), 1_000_000_000)
    detail = f"{text(code)}@{seconds}.{rest // 1000:06d}@{text(message)}"
    return [{"id": new_id(), "type": "aws.http.error.event", "remote": True, "message": detail}]
