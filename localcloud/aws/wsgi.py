"""Runs moto's WSGI application for one request."""

import io
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)

from localcloud.aws.asgi import Request, Response

_DROPPED = {"transfer-encoding", "connection", "keep-alive", "expect"}


def environ_of(request: Request, body: IO[bytes], size_bytes: int) -> dict[str, Any]:
    """Return the WSGI environment of a request whose body has been read.

    S3 metadata names keep their underscores, as moto's own server has it.
    """
    scope = request.scope
    raw_path = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    host, port = scope["server"]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "RAW_URI": f"{raw_path}?{query}" if query else raw_path,
        "REQUEST_URI": f"{raw_path}?{query}" if query else raw_path,
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "CONTENT_LENGTH": str(size_bytes),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, request)
    return environ


def _add_headers(environ: dict[str, Any], request: Request) -> None:
    preserved: dict[str, str] = {}
    for name, value in request.headers.items():
        if name in _DROPPED or name == "content-length":
            continue
        key = environ_key_for_header(name)
        if "_" in name:
            # A name with an underscore never stands in for the one with a dash.
            if name.replace("_", "-") in request.headers or not should_preserve_original_header_name(name):
                continue
            preserved[key] = name
        environ[key] = value
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved


def call(application: WSGIApplication, environ: dict[str, Any]) -> Response:
    """Run the application to its end and return its response."""
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
        started["status"], started["headers"] = int(status.split(" ", 1)[0]), headers
        return parts.append

    parts: list[bytes] = []
    start: StartResponse = start_response
    chunks = application(environ, start)
    try:
        parts.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    headers = [(name, value) for name, value in started["headers"] if name.lower() not in _DROPPED]
    return Response(started["status"], parts, headers)
