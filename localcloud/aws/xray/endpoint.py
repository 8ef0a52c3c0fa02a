"""X-Ray over HTTP: rest-json requests in, results and errors out. Nothing of moto's request handling runs."""

import json
import uuid
from dataclasses import replace
from typing import Any

from localcloud.aws.asgi import Request, Response
from localcloud.aws.services import ServiceCall
from localcloud.aws.strict_json import loads
from localcloud.aws.xray.exceptions import InvalidRequestError, UnknownOperationError, XRayError
from localcloud.aws.xray.operations import OPERATIONS, Operation
from localcloud.aws.xray.responses import UnknownRegionError, XRayResponse

__all__ = ["BODY_MAX_BYTES", "Operation", "UnknownRegionError", "answer", "find_operation", "with_parameters"]

BODY_MAX_BYTES = 10 * 1024 * 1024
_SAMPLING_TARGETS = "GetSamplingTargets"


def find_operation(request: Request) -> Operation | None:
    """Return the operation at the request's method and path, if there is one."""
    return OPERATIONS.get(request.path) if request.method == "POST" else None


def answer(operation: Operation | None, body: bytes, account_id: str, region: str) -> Response:
    """Answer one request; every problem becomes one of X-Ray's errors."""
    try:
        if operation is None:
            raise UnknownOperationError("The requested operation is not supported by the service.")
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
        InvalidRequestError: it isn't JSON.
    """
    if not body:
        return {}
    try:
        document = loads(body)
    except ValueError as error:
        raise InvalidRequestError("The request body isn't valid JSON.") from error
    if operation.name == _SAMPLING_TARGETS:
        _accept_sample_count(document)
    return document


def error_response(status: int, code: str, members: dict[str, str]) -> Response:
    """Return an error as rest-json has it: the code in a header, the rest in the body."""
    response = _response(status, members)
    response.headers.append(("x-amzn-errortype", code))
    return response


def _response(status: int, document: dict[str, Any]) -> Response:
    body = json.dumps(document, separators=(",", ":")).encode()
    return Response(
        status, body, [("content-type", "application/json"), ("x-amzn-requestid", str(uuid.uuid4()))]
    )


def _accept_sample_count(document: Any) -> None:
    """Read `SampleCount`, as OpenTelemetry's samplers spell it, as the API's `SampledCount`."""
    reports = document.get("SamplingStatisticsDocuments") if isinstance(document, dict) else None
    for report in reports if isinstance(reports, list) else []:
        if isinstance(report, dict) and "SampleCount" in report:
            report.setdefault("SampledCount", report["SampleCount"])
