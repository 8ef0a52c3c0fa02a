"""Every error leaves the backend as the same JSON: `{"error": {"code", "message"[, "fields"]}}`."""

import re
from collections.abc import Mapping

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from errors import RequestError

_MESSAGES = {
    404: "there is nothing at this address",
    405: "this address does not take this method",
    413: "the body is too large",
    415: "expected the content type application/json",
    500: "something went wrong here; the error is logged",
}


def init_app(app: Flask) -> None:
    """Answer every error of `app` as JSON.

    Exceptions as such get no handler: Flask then logs them, tells its `got_request_exception` signal and
    asks for the answer to 500, which is an HTTPException.
    """
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RequestError, _request_error)


def error_document(code: str, message: str, fields: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return the JSON of an error."""
    error: dict[str, object] = {"code": code, "message": message}
    if fields:
        error["fields"] = dict(fields)
    return {"error": error}


def code_of(status: int) -> str:
    """Return the code of one of HTTP's errors: the words of its name, joined by underscores."""
    name = HTTP_STATUS_CODES.get(status, "unknown error")
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _request_error(error: RequestError) -> ResponseReturnValue:
    return error_document(error.code, error.message, error.fields), error.status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    """Keep werkzeug's status and headers (405's Allow, 429's Retry-After), change the body."""
    if error.code is None or error.code < 400:
        return error.get_response()
    response = jsonify(error_document(code_of(error.code), _MESSAGES.get(error.code, error.name.lower())))
    response.status_code = error.code
    for name, value in error.get_headers():
        if name.lower() != "content-type":
            response.headers.add(name, value)
    return response
