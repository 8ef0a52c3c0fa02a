"""The request's id: taken from the caller's X-Request-Id, else made, and answered."""

import random
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask
from opentelemetry.context import Context, attach, detach, get_current, get_value, set_value

HEADER = "X-Request-Id"

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_KEY = "services.logging.request_id"

_StartResponse = Callable[..., Any]
_WsgiApplication = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


def init_request_ids(app: Flask) -> None:
    """Give each request an id. Call it before `init_tracing`, which begins with a context of its own."""
    app.wsgi_app = RequestIds(app.wsgi_app)  # type: ignore[method-assign]


def current_request_id() -> str | None:
    """Return the id of the request that is being served: here, or in the thread that work was handed to."""
    value = get_value(_KEY)
    return value if isinstance(value, str) else None


class RequestIds:
    """The middleware. The id is in OpenTelemetry's context, which goes along to threads."""

    def __init__(self, app: _WsgiApplication) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        # Not a secret: it only has to be another one for each request.
        request_id = given if _WELL_FORMED.fullmatch(given) else f"{random.getrandbits(128):032x}"
        is_whole = False

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal is_whole
            is_whole = any(name.lower() == "content-length" for name, _ in headers)
            return start_response(status, [*headers, (HEADER, request_id)], *rest)

        token = attach(set_value(_KEY, request_id))
        try:
            body = self._app(environ, start)
        finally:
            detach(token)
        # A body with a length is made already; what comes to be on the way may write lines.
        if is_whole or isinstance(body, list | tuple) or type(body) is environ.get("wsgi.file_wrapper"):
            return body
        return _Body(body, request_id)


class _Body:
    """Passes a body on; while a part of it is made, the request's id is the current one."""

    def __init__(self, body: Iterable[bytes], request_id: str) -> None:
        self._body = body
        self._parts: Iterator[bytes] | None = None
        self._request_id = request_id

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = attach(self._context())
        try:
            if self._parts is None:
                self._parts = iter(self._body)
            return next(self._parts)
        finally:
            detach(token)

    def close(self) -> None:
        """Close the body."""
        close = getattr(self._body, "close", None)
        if close is not None:
            token = attach(self._context())
            try:
                close()
            finally:
                detach(token)

    def _context(self) -> Context:
        return set_value(_KEY, self._request_id, get_current())
