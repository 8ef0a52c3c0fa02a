"""The `http` block, from the old and the stable HTTP semantic conventions."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from opentelemetry.sdk.trace import Event

from services.tracing.translation.values import short_text, text, whole_number, without_empty

METHOD = "http.request.method"
HTTP_KEYS = frozenset(
    {
        *("http.method", "http.request.method", "http.status_code", "http.response.status_code"),
        *("http.client_ip", "http.user_agent", "user_agent.original", "http.url", "url.full"),
        *(
            "http.scheme",
            "url.scheme",
            "http.host",
            "http.target",
            "http.server_name",
            "url.path",
            "url.query",
        ),
    }
)
"""A span is one of HTTP where it has one of these; what else the block holds stays where it was else."""

_HOSTS_OF_SERVER = ("http.server_name", "net.host.name", "host.name", "server.address")
_PORTS_OF_SERVER = ("net.host.port", "server.port")
_HOSTS_OF_CLIENT = ("net.peer.name", "net.peer.ip", "server.address", "network.peer.address")
_PORTS_OF_CLIENT = ("net.peer.port", "server.port")
_DEFAULT_PORTS = {("http", "80"), ("https", "443")}


def status_code(attributes: Mapping[str, Any]) -> int | None:
    """Return the status that the span's attributes tell."""
    code = attributes.get("http.response.status_code", attributes.get("http.status_code"))
    return None if code is None else whole_number(code)


def make_http(
    attributes: dict[str, Any], events: Sequence[Event], *, is_server: bool
) -> dict[str, Any] | None:
    """Return the `http` block and take what it holds out of `attributes`; None for other spans."""
    if HTTP_KEYS.isdisjoint(attributes):
        return None
    if is_server and not events and UNUSUAL_HTTP_KEYS.isdisjoint(attributes):
        return server_block(attributes)
    status = status_code(attributes)
    take = _Taker(attributes)
    request: dict[str, Any] = {
        "method": short_text(take("http.method", "http.request.method") or ""),
        "user_agent": short_text(take("http.user_agent", "user_agent.original") or ""),
    }
    take("http.status_code", "http.response.status_code")
    forwarded = take("http.client_ip") or _take_address(attributes, "client.address")
    url = _url(take, is_server)
    peer = _take_address(attributes, "net.peer.ip") or _take_address(attributes, "network.peer.address")
    if not is_server:
        peer = None  # the peer of a client is the server
    request["url"] = short_text(url)
    request["client_ip"] = short_text(forwarded or peer or "")
    size = take("http.response.body.size", "http.response_content_length")
    response: dict[str, Any] = {
        "status": status,
        "content_length": _content_length(events) or whole_number(size) or 0,
    }
    request = without_empty(request)
    if forwarded and not peer:
        request["x_forwarded_for"] = True
    return {"request": request, "response": without_empty(response)}


UNUSUAL_HTTP_KEYS = frozenset(
    {
        *("http.method", "http.status_code", "http.client_ip", "http.user_agent", "http.url", "url.full"),
        *("http.scheme", "http.host", "http.target", "http.server_name", "net.host.name", "host.name"),
        *("net.host.port", "net.peer.name", "net.peer.ip", "net.peer.port", "url.query"),
        "http.response_content_length",
    }
)
"""Keys of the old conventions, and those of the stable ones that our own server spans don't have."""


def server_block(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the block of a server span by the stable conventions: what `make_http` makes, in fewer steps."""
    pop = attributes.pop
    method, agent = pop("http.request.method", None), pop("user_agent.original", None)
    status, path = pop("http.response.status_code", None), pop("url.path", None)
    scheme, host, port = pop("url.scheme", None), pop("server.address", None), pop("server.port", None)
    forwarded = _take_address(attributes, "client.address")
    peer = _take_address(attributes, "network.peer.address")
    scheme = text(scheme or "http")
    place = "" if host is None else text(host)
    if place and port is not None and (scheme, text(port)) not in _DEFAULT_PORTS:
        place = f"{place}:{text(port)}"
    url = "" if host is None and path is None else text(path or "/")
    request: dict[str, Any] = {}
    if method:
        request["method"] = short_text(method)
    if agent:
        request["user_agent"] = short_text(agent)
    if place or url:
        request["url"] = short_text(f"{scheme}://{place}{url}" if place else url)
    if forwarded or peer:
        request["client_ip"] = short_text(forwarded or peer)
        if forwarded and not peer:
            request["x_forwarded_for"] = True
    code = None if status is None else whole_number(status)
    size = whole_number(pop("http.response.body.size", 0)) or 0
    response = {"content_length": size} if code is None else {"status": code, "content_length": size}
    return {"request": request, "response": response}


class _Taker:
    """Takes keys out of the attributes, all of them, and returns the first one's value."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self._attributes = attributes

    def __call__(self, *keys: str) -> Any:
        found = None
        for key in keys:
            value = self._attributes.pop(key, None)
            if found is None:
                found = value
        return found

    def look(self, *keys: str) -> Any:
        """Return the first one's value and leave them all."""
        return next((value for key in keys if (value := self._attributes.get(key)) is not None), None)


def _url(take: _Taker, is_server: bool) -> str:
    whole = take("http.url", "url.full")
    scheme = text(take("http.scheme", "url.scheme") or "http")
    host = take("http.host")
    # Both sides' keys are taken: net.peer.ip alone stays, as it may tell the client's address.
    hosts, ports = (_HOSTS_OF_SERVER, _PORTS_OF_SERVER) if is_server else (_HOSTS_OF_CLIENT, _PORTS_OF_CLIENT)
    fallback_host = take.look(*hosts)
    port = take(*ports)
    take(*_PORTS_OF_SERVER, *_PORTS_OF_CLIENT, *(set(_HOSTS_OF_SERVER + _HOSTS_OF_CLIENT) - _ADDRESSES))
    target = take("http.target")
    path, query = take("url.path"), take("url.query")
    if whole is not None:
        return text(whole)
    if target is None:
        target = f"{text(path or '/')}?{text(query)}" if query else text(path or "/")
    place = text(host or "")
    if not place and fallback_host is not None:
        place = text(fallback_host)
        if place and port is not None and (scheme, text(port)) not in _DEFAULT_PORTS:
            place = f"{place}:{text(port)}"
    elif not place and path is None:
        return ""
    return f"{scheme}://{place}{text(target)}" if place else text(target)


_ADDRESSES = {"net.peer.ip", "network.peer.address"}


def _take_address(attributes: dict[str, Any], key: str) -> str | None:
    value = attributes.get(key)
    if isinstance(value, str) and _is_address(value):
        del attributes[key]
        return value
    return None


@lru_cache(maxsize=1024)
def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _content_length(events: Sequence[Event]) -> int:
    for event in events:
        attributes = event.attributes or {}
        if attributes.get("message.type") == "RECEIVED":
            return whole_number(attributes.get("messaging.message_payload_size_bytes")) or 0
    return 0
