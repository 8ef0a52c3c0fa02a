"""What a backend answers under /health/tracing, read within bounds: what answers there may be anything."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import requests

from scripts import bounded
from scripts.errors import OperatorError

PATH = "/health/tracing"
BOUNDS = bounded.Bounds(max_bytes=16 * 1024 * 1024, max_seconds=10.0, timeouts=(2, 5))
"""Of one answer: a document of a thousand workers, each with all the rules that an account may have."""
_SHOWN_CHARACTERS = 80
_IS_IT = "is this the backend? correct BACKEND"


def origin(text: str) -> str:
    """Return *text* as the address of a backend, without a last slash.

    Raises OperatorError where it is no `http://host:port` or `https://host`. Its text has nothing of *text*,
    which may hold a password or a token.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_whole = parts.scheme in {"http", "https"} and parts.hostname and port != 0
    more = parts.query or parts.fragment or parts.path.strip("/")
    if not is_whole or "@" in parts.netloc or more:
        raise OperatorError(
            "BACKEND is no address of a backend",
            remedy="give scheme, host and port alone, such as http://127.0.0.1:4567",
        )
    return f"{parts.scheme}://{parts.netloc}"


def document(address: str) -> dict[str, Any]:
    """Return the document that the worker which answers at *address* gives.

    Takes BOUNDS.max_seconds at most. Raises OperatorError where there is none.
    """
    url = f"{address}{PATH}"
    try:
        answer = bounded.ask("GET", url, BOUNDS)
    except bounded.EndlessError as error:
        raise OperatorError(
            f"{url} answers without end: {error}", remedy=f"{_IS_IT}, or look at its load"
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise OperatorError(
            f"{url} can't be reached ({type(error).__name__})",
            remedy="start it with `make backend`, or correct BACKEND; see whether a proxy is in between",
        ) from error
    if answer.location:
        raise OperatorError(
            f"{url} redirects (HTTP {answer.status}) to {answer.location[:_SHOWN_CHARACTERS]!r}",
            remedy="give BACKEND the backend's own address",
        )
    if answer.status != requests.codes.ok:
        raise OperatorError(f"{url} answers HTTP {answer.status}", remedy=f"{_IS_IT}, or look at its log")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OperatorError(f"{url} answers no JSON object", remedy=_IS_IT)
    return found
