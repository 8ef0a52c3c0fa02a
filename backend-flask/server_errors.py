"""gunicorn's own error answers in the API's form: for requests that never reach the application.

May be imported only after gevent's patch.
"""

import json
import socket

from gunicorn import util  # type: ignore[import-untyped]

from answers import code_of, error_document

_MESSAGES = {
    400: "the request is malformed",
    414: "the request line is too long",
    431: "the header is too long or has too many fields",
    500: "something went wrong here; the error is logged",
    501: "the transfer coding is not supported",
}


def answer_as_json() -> None:
    """Let every worker class of this process answer with `write_error`: they all call it by this name."""
    util.write_error = write_error


def write_error(client: socket.socket, status: int, reason: str, _detail: str) -> None:
    """Answer with an error and announce that the connection ends. The detail, which the log has, may repeat
    what the caller sent."""
    message = _MESSAGES.get(status, reason.lower())
    body = json.dumps(error_document(code_of(status), message)).encode() + b"\n"
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(client, head.encode("latin-1") + body)
