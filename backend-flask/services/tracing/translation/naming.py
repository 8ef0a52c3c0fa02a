"""The name and the namespace of a document: X-Ray names who answers, OpenTelemetry what was asked."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind

from services.tracing.translation.aws import is_aws_call
from services.tracing.translation.sql import SQL_SYSTEMS
from services.tracing.translation.values import text
from xray.names import clean_segment_name

LOCAL_SERVICE = "aws.local.service"
REMOTE_SERVICE = "aws.remote.service"
_AWS_PREFIXES = ("AWS.SDK.", "AWS::")
_CALLING_KINDS = (SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER)
_LAST_NAMES = ("rpc.service", "http.host", "net.peer.name")
NAMING_KEYS = frozenset(
    {
        *("rpc.system", "rpc.system.name", LOCAL_SERVICE, REMOTE_SERVICE, "peer.service", "aws.service"),
        *("db.name", "db.namespace", "db.system", "db.system.name", *_LAST_NAMES),
    }
)
"""What may name a document, apart from the service, the span and, of a client, the server's address."""


def name_and_namespace(
    span_name: str, kind: SpanKind, attributes: Mapping[str, Any], service_name: str, *, is_local_root: bool
) -> tuple[str, str | None]:
    """Return the document's name, valid for X-Ray whatever its source, and `aws`, `remote` or None."""
    if kind is not SpanKind.CLIENT and NAMING_KEYS.isdisjoint(attributes):
        name = service_name if kind is SpanKind.SERVER else ""
        return clean_segment_name(name or text(span_name)), None
    namespace = "aws" if is_aws_call(attributes) else None
    name = ""
    if kind is SpanKind.SERVER or (kind is SpanKind.INTERNAL and is_local_root):
        name = text(attributes.get(LOCAL_SERVICE, ""))
    elif kind in _CALLING_KINDS:
        name = remote_service(attributes)
    name = name or text(attributes.get("peer.service", ""))
    if not name and attributes.get("aws.service"):
        name, namespace = text(attributes["aws.service"]), namespace or "aws"
    name = name or _database(attributes)
    if not name and kind is SpanKind.SERVER:
        name = service_name
    for key in _LAST_NAMES:
        name = name or text(attributes.get(key, ""))
    if not name and kind is SpanKind.CLIENT:
        name = text(attributes.get("server.address", ""))
    if namespace is None and kind is SpanKind.CLIENT:
        namespace = "remote"
    return clean_segment_name(name or text(span_name)), namespace


def remote_service(attributes: Mapping[str, Any]) -> str:
    """Return `aws.remote.service`, without AWS's prefix where an AWS SDK made the call."""
    name = text(attributes.get(REMOTE_SERVICE, ""))
    if is_aws_call(attributes):
        for prefix in _AWS_PREFIXES:
            name = name.removeprefix(prefix)
    return name


def _database(attributes: Mapping[str, Any]) -> str:
    """Return `<database>@<host>`, as X-Ray names databases; empty where the span tells no database.

    A SQL database without a name, such as SQLite's, goes by its system's.
    """
    database = text(attributes.get("db.name") or attributes.get("db.namespace") or "")
    if not database:
        system = text(attributes.get("db.system", attributes.get("db.system.name", "")))
        database = system if system in SQL_SYSTEMS else ""
    if not database:
        return ""
    connection = text(attributes.get("db.connection_string", "")).removeprefix("jdbc:")
    host = _host(connection) if connection else text(attributes.get("server.address", ""))
    # A path is the folder of a socket on this machine.
    return f"{database}@{host}" if host and not host.startswith("/") else database


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
