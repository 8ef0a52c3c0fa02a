"""X-Ray over HTTP: rest-json requests in, results and errors out. Nothing of moto's request handling runs."""

import json
import uuid
from dataclasses import replace
from typing import Any

import orjson

from localcloud.aws.asgi import Request, Response
from localcloud.aws.services import ServiceCall
from localcloud.aws.strict_json import loads
from localcloud.aws.xray.exceptions import (
    InvalidRequestError,
    ThrottledError,
    UnknownOperationError,
    XRayError,
)
from localcloud.aws.xray.operations import OPERATIONS, Operation
from localcloud.aws.xray.responses import UnknownRegionError, XRayResponse
from localcloud.aws.xray.segments_body import DOCUMENTS_MAX, has_too_many, read_texts

__all__ = [
    "Operation",
    "UnknownRegionError",
    "answer",
    "body_max_bytes",
    "find_operation",
    "throttled",
    "with_parameters",
]

DOCUMENTS_BODY_MAX_BYTES = 10 * 1024 * 1024
BODY_MAX_BYTES = 1024 * 1024
"""Of requests without documents, which nobody makes larger by far."""
PUT_TRACE_SEGMENTS = "PutTraceSegments"
READING_TRACES = frozenset(
    {
        "BatchGetTraces",
        "GetRetrievedTracesGraph",
        "GetServiceGraph",
        "GetTimeSeriesServiceStatistics",
        "GetTraceGraph",
        "GetTraceSummaries",
        "ListRetrievedTraces",
    }
)
"""What may take long, and changes nothing: it is answered in a thread."""
_SAMPLING_TARGETS = "GetSamplingTargets"


def find_operation(request: Request) -> Operation | None:
    """Return the operation at the request's method and path, if there is one."""
    return OPERATIONS.get(request.path) if request.method == "POST" else None


def body_max_bytes(operation: Operation | None) -> int:
    """Return how long an operation's request may be."""
    takes_documents = operation is not None and operation.name == PUT_TRACE_SEGMENTS
    return DOCUMENTS_BODY_MAX_BYTES if takes_documents else BODY_MAX_BYTES


def answer(operation: Operation | None, body: bytes, account_id: str, region: str) -> Response:
    """Answer one request; every problem becomes one of X-Ray's errors."""
    try:
        if operation is None:
            raise UnknownOperationError("The requested operation is not supported by the service.")
        _check_count(operation, body)
        texts = read_texts(body) if operation.name == PUT_TRACE_SEGMENTS else None
        if texts is not None:
            return _response(200, XRayResponse.take_segments(texts, account_id, region))
        return _response(200, XRayResponse.dispatch(operation, parse(operation, body), account_id, region))
    except XRayError as error:
        return error_response(error.status, error.code, {"Message": error.message, **error.members})


def with_parameters(operation: Operation | None, call: ServiceCall, body: bytes) -> ServiceCall:
    """Return the call with its parameters, as far as the body can be read."""
    try:
        parameters = parse(operation, body) if operation else {}
    except InvalidRequestError:
        parameters = {}
    return replace(call, parameters=parameters if isinstance(parameters, dict) else {})


def parse(operation: Operation, body: bytes) -> Any:
    """Return the body's JSON; an empty body counts as no parameters.

    Raises:
        InvalidRequestError: it isn't JSON, or has too many documents.
    """
    if not body:
        return {}
    _check_count(operation, body)
    try:
        document = loads(body)
    except ValueError as error:
        raise InvalidRequestError("The request body isn't valid JSON.") from error
    if operation.name == _SAMPLING_TARGETS:
        _accept_sample_count(document)
    return document


def throttled(reason: str) -> Response:
    """Return the answer to a request that may be sent again later."""
    error = ThrottledError(reason)
    return error_response(error.status, error.code, {"Message": error.message})


def error_response(status: int, code: str, members: dict[str, str]) -> Response:
    """Return an error as rest-json has it: the code in a header, the rest in the body."""
    response = _response(status, members)
    response.headers.append(("x-amzn-errortype", code))
    return response


def _to_json(document: dict[str, Any]) -> bytes:
    """Return JSON; a large answer keeps no other thread for long, where nothing in it is beyond orjson."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, separators=(",", ":")).encode()


def _check_count(operation: Operation, body: bytes) -> None:
    if operation.name == PUT_TRACE_SEGMENTS and has_too_many(body):
        raise InvalidRequestError(
            f"TraceSegmentDocuments has more than {DOCUMENTS_MAX} items: send fewer at a time"
        )


def _response(status: int, document: dict[str, Any]) -> Response:
    body = _to_json(document)
    return Response(
        status, body, [("content-type", "application/json"), ("x-amzn-requestid", str(uuid.uuid4()))]
    )


def _accept_sample_count(document: Any) -> None:
    """Read `SampleCount`, as OpenTelemetry's samplers spell it, as the API's `SampledCount`."""
    reports = document.get("SamplingStatisticsDocuments") if isinstance(document, dict) else None
    for report in reports if isinstance(reports, list) else []:
        if isinstance(report, dict) and "SampleCount" in report:
            report.setdefault("SampledCount", report["SampleCount"])
