"""The error answers of `/1` (reference: Honeycomb API, responses; their texts from its live tests,
honeycombio/terraform-provider-honeycombio client/errors_test.go).
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from localcloud.honeycomb.asgi import Response, json_response
from localcloud.honeycomb.errors import ApiError
from localcloud.honeycomb.query.errors import Problem

PROBLEM_TYPE = "application/problem+json"
JSON_API = "application/vnd.api+json"
_KINDS = "https://api.honeycomb.io/problems/"
_INVALID = "The provided input is invalid."

UNKNOWN_KEY = "unknown API key - check your credentials"


def legacy(status: int, text: str) -> ApiError:
    """Return an error in the older form: its text alone."""
    return ApiError(json_response(status, {"error": text}), text)


def unauthorised() -> ApiError:
    """Return 401: no key, or an unknown one."""
    return legacy(HTTPStatus.UNAUTHORIZED, UNKNOWN_KEY)


def unauthorised_management() -> ApiError:
    """Return 401 as `/2` shapes it: JSON:API."""
    title = "invalid API key"
    error = {
        "id": secrets.token_hex(16),
        "status": str(int(HTTPStatus.UNAUTHORIZED)),
        "code": "unauthenticated/invalid-key",
        "title": title,
        "source": {"header": "Authorization"},
    }
    body = json.dumps({"errors": [error]}).encode()
    return ApiError(Response(HTTPStatus.UNAUTHORIZED, body, JSON_API), title)


def forbidden(text: str) -> ApiError:
    """Return 403: the key may not do this. The text is ours; Honeycomb's isn't known."""
    title = "You do not have permission to perform this operation."
    return problem(HTTPStatus.FORBIDDEN, "forbidden", title, text)


def unparseable(text: str = "could not parse request body") -> ApiError:
    """Return 400: the body is no JSON, or not what it says it is."""
    title = "The request body could not be parsed."
    return problem(HTTPStatus.BAD_REQUEST, "unparseable", title, text)


def bad_request(text: str) -> ApiError:
    """Return 400 in the older form."""
    return legacy(HTTPStatus.BAD_REQUEST, text)


def not_found(what: str) -> ApiError:
    """Return 404: `what`, such as `Dataset`, isn't there."""
    text = f"{what} not found"
    title = "The requested resource cannot be found."
    return problem(HTTPStatus.NOT_FOUND, "not-found", title, text, detail=text)


def method_not_allowed(allowed: Sequence[str]) -> ApiError:
    """Return 405 with the methods that are allowed."""
    title = HTTPStatus.METHOD_NOT_ALLOWED.phrase
    headers = {"allow": ", ".join(allowed)}
    return problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", title, title.lower(), headers=headers)


def conflict(text: str) -> ApiError:
    """Return 409: what is there stands against it."""
    title = "Request could not be completed due to a conflict with the current state of the target resource."
    return problem(HTTPStatus.CONFLICT, "conflict", title, text, detail=text)


def too_large(limit_bytes: int) -> ApiError:
    """Return 413."""
    text = f"Body size is larger than maximum size of {limit_bytes} bytes"
    title = "Request body is too large."
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload-too-large", title, text)


def unsupported_type(text: str) -> ApiError:
    """Return 415: the body's type or encoding isn't read."""
    title = "The request body has an unsupported type."
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title, text)


def invalid(problems: Sequence[Problem]) -> ApiError:
    """Return 422 with every problem in `type_detail`."""
    document = {
        "status": int(HTTPStatus.UNPROCESSABLE_ENTITY),
        "type": f"{_KINDS}validation-failed",
        "title": _INVALID,
        "error": _INVALID,
        "type_detail": [
            {"field": one.field, "code": one.code, "description": one.description} for one in problems
        ],
    }
    response = Response(
        HTTPStatus.UNPROCESSABLE_ENTITY, json.dumps(document, allow_nan=False).encode(), PROBLEM_TYPE
    )
    return ApiError(response, _INVALID)


def unavailable(text: str) -> ApiError:
    """Return 503: the database fails. It is ours."""
    title = HTTPStatus.SERVICE_UNAVAILABLE.phrase
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", title, text)


def rate_limited(detail: str, headers: Mapping[str, str]) -> ApiError:
    """Return 429 with the headers that say when to come back."""
    title = "You have exceeded your rate limit."
    return problem(HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", title, title, detail=detail, headers=headers)


def problem(
    status: HTTPStatus,
    kind: str,
    title: str,
    error: str,
    *,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiError:
    """Return an error as a problem document (RFC 7807), with Honeycomb's `error` beside."""
    document = {"status": int(status), "type": f"{_KINDS}{kind}", "title": title, "error": error}
    if detail is not None:
        document["detail"] = detail
    body = json.dumps(document, allow_nan=False).encode()
    return ApiError(Response(status, body, PROBLEM_TYPE, headers or {}), error)
