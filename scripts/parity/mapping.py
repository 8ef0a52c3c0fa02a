"""Where X-Ray's documents have what OpenTelemetry's attributes say, read off the semantic conventions.

Source: the OpenTelemetry Collector's X-Ray exporter (exporter/awsxrayexporter, its README and translator), in
its default configuration. Each function returns facts named after the document's fields, and the names of the
attributes that these fields tell, so that they are not looked for among the others.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SEGMENT = "segment"
SUBSEGMENT = "subsegment"
IN_PROGRESS = "aws.xray.inprogress"
FIELD_MAX_CHARACTERS = 250
NAME_MAX_BYTES = 200

Told = tuple[dict[str, Any], set[str]]

_CALLING_KINDS = frozenset({"client", "producer"})
_SEGMENT_KINDS = frozenset({"server", "consumer"})
_NOT_IN_A_NAME = re.compile(r"[^\w .:/%&#=+\-@]")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_OF_HTTP = (
    *("http.method", "http.request.method", "http.status_code", "http.response.status_code"),
    *("http.client_ip", "http.user_agent", "user_agent.original", "http.url", "url.full"),
    *("http.scheme", "url.scheme", "http.host", "http.target", "http.server_name", "url.path", "url.query"),
)
_PLACES_OF_A_SERVER = ("http.server_name", "net.host.name", "host.name", "server.address")
_PLACES_OF_A_CLIENT = ("net.peer.name", "net.peer.ip", "server.address", "network.peer.address")
_PORTS_OF_A_SERVER = ("net.host.port", "server.port")
_PORTS_OF_A_CLIENT = ("net.peer.port", "server.port")
_SIZES = ("http.response.body.size", "http.response_content_length")
_PEERS = ("net.peer.ip", "network.peer.address")
_OF_AWS = {
    "operation": ("aws.operation", "rpc.method"),
    "account_id": ("aws.account_id",),
    "region": ("aws.region",),
    "request_id": ("aws.request_id", "aws.requestId"),
    "queue_url": ("aws.queue_url", "aws.queue.url"),
    "table_name": ("aws.table_name", "aws.table.name"),
}
_OF_SQL = {
    "database_type": ("db.system", "db.system.name"),
    "user": ("db.user",),
    "sanitized_query": ("db.statement", "db.query.text"),
}
_NO_SQL = (
    "mongodb",
    "redis",
    "memcached",
    "cassandra",
    "dynamodb",
    "aws.dynamodb",
    "elasticsearch",
    "couchdb",
)


def document_type(kind: str, parent_id: str | None) -> str:
    """Return what becomes of a span: who serves, and what has no parent, is a segment of its own."""
    return SEGMENT if parent_id is None or kind in _SEGMENT_KINDS else SUBSEGMENT


def is_remote(kind: str) -> bool:
    """Tell whether an exception of the span came out of a call to elsewhere."""
    return kind in _CALLING_KINDS


def as_text(value: Any) -> str:
    """Return a value as a field of text holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def is_aws_call(attributes: Mapping[str, Any]) -> bool:
    """Tell whether an AWS SDK made the call."""
    return "aws-api" in (attributes.get("rpc.system"), attributes.get("rpc.system.name"))


def status_of(attributes: Mapping[str, Any]) -> int | None:
    """Return the HTTP status, None where there is none."""
    value = _first(attributes, "http.response.status_code", "http.status_code")
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def name(span_name: str, kind: str, attributes: Mapping[str, Any], service_name: str) -> str:
    """Return the name of the segment (who serves) or subsegment (whom it calls, else what it does)."""
    names = [_first(attributes, "aws.local.service") if kind == "server" else None]
    if kind in {"client", "producer", "consumer"}:
        remote = as_text(attributes.get("aws.remote.service", ""))
        if is_aws_call(attributes):
            remote = remote.removeprefix("AWS.SDK.").removeprefix("AWS::")
        names.append(remote)
    names += [attributes.get("peer.service"), attributes.get("aws.service"), _database(attributes)]
    names += [service_name if kind == "server" else None]
    names += [attributes.get(key) for key in ("rpc.service", "http.host", "net.peer.name")]
    names += [attributes.get("server.address") if kind == "client" else None, span_name]
    cleaned = _NOT_IN_A_NAME.sub("", as_text(next((one for one in names if one), "")))
    cut = cleaned.encode(errors="replace")[:NAME_MAX_BYTES].decode(errors="ignore")
    return cut if cut.strip() else "span"


def namespace(kind: str, attributes: Mapping[str, Any], *, is_segment: bool) -> str | None:
    """Return `aws` for calls to AWS, `remote` for other calls, None for what calls nobody.

    A producer below another span calls whom `aws.remote.service` names.
    """
    if is_aws_call(attributes):
        return "aws"
    above = ("peer.service", *(("aws.remote.service",) if kind in {"client", "producer", "consumer"} else ()))
    if attributes.get("aws.service") and not _first(attributes, *above):
        return "aws"
    is_call = kind == "producer" and not is_segment and "aws.remote.service" in attributes
    return "remote" if kind == "client" or is_call else None


def flags(status: int | None, *, is_error: bool) -> dict[str, Any]:
    """Return error for 4xx, throttle for 429, fault for 5xx and for a span in error without a 4xx."""
    client_error = status is not None and 400 <= status <= 499
    server_error = status is not None and 500 <= status <= 599
    found = {
        "error": client_error,
        "throttle": status == 429,
        "fault": server_error or (is_error and not client_error),
    }
    return {key: True for key, value in found.items() if value}


def http(attributes: Mapping[str, Any], kind: str, events: Iterable[Mapping[str, Any]]) -> Told:
    """Return what the `http` block says of a request that was served or sent."""
    if not any(key in attributes for key in _OF_HTTP):
        return {}, set()
    is_server = kind == "server"
    told = {*_OF_HTTP, *_PORTS_OF_A_SERVER, *_PORTS_OF_A_CLIENT, *_PLACES_OF_A_SERVER, *_PLACES_OF_A_CLIENT}
    told -= set(_PEERS)
    told |= {*_SIZES}
    client = attributes.get("http.client_ip")
    if not client and _is_address(attributes.get("client.address")):
        told.add("client.address")
        client = attributes["client.address"]
    peers = [key for key in _PEERS if _is_address(attributes.get(key))]
    told.update(peers[:1])
    # The peer of a call is the server, which its URL names.
    peer = attributes[peers[0]] if peers and is_server else None
    facts = {
        "http.request.method": _first(attributes, "http.method", "http.request.method"),
        "http.request.user_agent": _first(attributes, "http.user_agent", "user_agent.original"),
        "http.request.url": _url(attributes, is_server=is_server),
        "http.request.client_ip": client or peer,
    }
    facts = {key: as_text(value)[:FIELD_MAX_CHARACTERS] for key, value in facts.items() if value}
    if client and not peer:
        facts["http.request.x_forwarded_for"] = True
    size = _first(attributes, *_SIZES)
    facts["http.response.content_length"] = _received(events) or (
        max(size, 0) if isinstance(size, int) else 0
    )
    if (status := status_of(attributes)) is not None:
        facts["http.response.status"] = status
    return facts, told


def aws(attributes: Mapping[str, Any]) -> Told:
    """Return what the `aws` block says of a call."""
    told = {key for keys in _OF_AWS.values() for key in keys}
    facts = {f"aws.{field}": _first(attributes, *keys) for field, keys in _OF_AWS.items()}
    if is_aws_call(attributes):
        told.add("cloud.region")
        facts["aws.region"] = facts["aws.region"] or attributes.get("cloud.region")
    facts["aws.queue_url"] = attributes.get("messaging.url") or facts["aws.queue_url"]
    return {key: as_text(value)[:FIELD_MAX_CHARACTERS] for key, value in facts.items() if value}, told


def sql(span_name: str, attributes: Mapping[str, Any]) -> Told:
    """Return what the `sql` block says of a statement."""
    system = _first(attributes, "db.system", "db.system.name")
    if not system or system in _NO_SQL:
        return {}, set()
    place = _first(attributes, "db.connection_string", "server.address") or ""
    facts: dict[str, Any] = {f"sql.{field}": _first(attributes, *keys) for field, keys in _OF_SQL.items()}
    database = _first(attributes, "db.name", "db.namespace") or ""
    if place or database:
        facts["sql.connection_string"] = f"{place or 'localhost'}/{database}"
    facts["sql.url"] = span_name
    facts["sql.user"] = as_text(facts["sql.user"] or "")[:FIELD_MAX_CHARACTERS]
    told = {key for keys in _OF_SQL.values() for key in keys} | {
        "db.name",
        "db.namespace",
        "db.connection_string",
    }
    return {key: as_text(value) for key, value in facts.items() if value}, told


def _first(attributes: Mapping[str, Any], *keys: str) -> Any:
    return next((attributes[key] for key in keys if attributes.get(key) is not None), None)


def _database(attributes: Mapping[str, Any]) -> str:
    database = attributes.get("db.name") or attributes.get("db.namespace")
    if not database:
        system = _first(attributes, "db.system", "db.system.name")
        database = "" if system in _NO_SQL else system
    if not database:
        return ""
    connection = as_text(attributes.get("db.connection_string", "")).removeprefix("jdbc:")
    host = urlsplit(connection).hostname if connection else attributes.get("server.address")
    return f"{database}@{host}" if host and not str(host).startswith("/") else as_text(database)


def _url(attributes: Mapping[str, Any], *, is_server: bool) -> str:
    whole = _first(attributes, "http.url", "url.full")
    if whole is not None:
        return as_text(whole)
    scheme = as_text(_first(attributes, "http.scheme", "url.scheme") or "http")
    target = attributes.get("http.target")
    if target is None:
        query = attributes.get("url.query")
        target = as_text(attributes.get("url.path") or "/") + (f"?{query}" if query else "")
    place = attributes.get("http.host")
    if not place:
        place = _first(attributes, *(_PLACES_OF_A_SERVER if is_server else _PLACES_OF_A_CLIENT))
        port = _first(attributes, *(_PORTS_OF_A_SERVER if is_server else _PORTS_OF_A_CLIENT))
        if place is not None and port is not None and _DEFAULT_PORTS.get(scheme) != as_text(port):
            place = f"{place}:{port}"
    if place:
        return f"{scheme}://{place}{target}"
    # Without a place only the stable conventions' path says what was asked for.
    return as_text(target) if attributes.get("url.path") is not None else ""


def _received(events: Iterable[Mapping[str, Any]]) -> int:
    sizes = [
        event.get("messaging.message_payload_size_bytes")
        for event in events
        if event.get("message.type") == "RECEIVED"
    ]
    return max(sizes[0], 0) if sizes and isinstance(sizes[0], int) else 0


def _is_address(value: Any) -> bool:
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True
