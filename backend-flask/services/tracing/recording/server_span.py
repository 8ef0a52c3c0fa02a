"""What a server span says of its request, by OpenTelemetry's stable HTTP semantic conventions.

The query is not recorded: it is where secrets and personal data travel.
"""

from collections.abc import Mapping
from typing import Any

WsgiEnvironment = dict[str, Any]

OTHER_METHOD = "_OTHER"
RESPONSE_SIZE = "http.response.body.size"
SEGMENT_NAME = "aws.local.service"
"""What the Collector's X-Ray exporter, and our translation, name a server's segment by; Honeycomb keeps
`service.name` and has this beside it."""
_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"}
)
_HEADER_MAX_CHARACTERS = 1024
LENGTH_MAX_DIGITS = 18


def path_of(environ: Mapping[str, Any]) -> str:
    """Return the request's path as text: WSGI hands over bytes that look like Latin-1."""
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    if not path.isascii():
        path = path.encode("latin-1", "replace").decode("utf-8", "replace")
    return path or "/"


def host_of(environ: Mapping[str, Any]) -> str:
    """Return the host that the request was for, with its port where the header has one."""
    host: str = environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
    return host


def method_of(environ: Mapping[str, Any]) -> str:
    """Return the method, `_OTHER` where it is none that HTTP knows."""
    method: str = environ.get("REQUEST_METHOD", "")
    return method if method in _METHODS else OTHER_METHOD


def request_attributes(environ: Mapping[str, Any], method: str, host: str, path: str) -> dict[str, Any]:
    """Return the attributes that are known before the application ran."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name or not (port.isascii() and port.isdigit()):
        name, port = host, ""
    attributes: dict[str, Any] = {
        "http.request.method": method,
        "url.path": path,
        "url.scheme": environ.get("wsgi.url_scheme", "http")[:_HEADER_MAX_CHARACTERS],
        "server.address": _header(name),
    }
    if port and len(port) <= 5:
        attributes["server.port"] = int(port)
    if method == OTHER_METHOD:
        attributes["http.request.method_original"] = _header(environ.get("REQUEST_METHOD", ""))
    peer, forwarded = environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR")
    if forwarded:
        attributes["client.address"] = _header(forwarded.partition(",")[0].strip())
    elif peer:
        # Without a proxy both are the same, and the peer's address says that there was none.
        attributes["client.address"] = attributes["network.peer.address"] = peer[:_HEADER_MAX_CHARACTERS]
    length = environ.get("CONTENT_LENGTH")
    if length and length.isascii() and length.isdigit() and len(length) <= LENGTH_MAX_DIGITS:
        attributes["http.request.body.size"] = int(length)
    agent = environ.get("HTTP_USER_AGENT")
    if agent:
        attributes["user_agent.original"] = _header(agent)
    protocol = environ.get("SERVER_PROTOCOL", "")
    if protocol.startswith("HTTP/"):
        attributes["network.protocol.version"] = protocol[5:_HEADER_MAX_CHARACTERS]
    return attributes


def route_of(environ: Mapping[str, Any]) -> str | None:
    """Return the route that Flask chose, None where it found none: the request leaves itself behind."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return getattr(rule, "rule", None)


def _header(value: str) -> str:
    return value[:_HEADER_MAX_CHARACTERS]
