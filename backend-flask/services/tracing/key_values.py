"""`key=value,key=value` lists, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS hold them."""

import re
from urllib.parse import unquote

TEAM_HEADER = "x-honeycomb-team"
"""Honeycomb's: its value is the key."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_CONNECTION = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "connection", "transfer-encoding"}
)


def parse_key_values(text: str) -> dict[str, str]:
    """Read a list of percent-encoded pairs (OpenTelemetry: "Specifying headers via environment variables").

    Raises:
        ValueError: an entry is no pair. The message counts entries and repeats none: one may be a secret.
    """
    pairs = {}
    for number, entry in enumerate(text.split(","), start=1):
        if not entry.strip():
            continue
        key, separator, value = entry.partition("=")
        key, value = unquote(key).strip(), unquote(value).strip()
        if not separator or not key:
            raise ValueError(f"entry {number} is no key=value pair")
        if not (key + value).isprintable():
            raise ValueError(f"entry {number} holds characters that can't be printed")
        pairs[key] = value
    return pairs


def parse_headers(text: str) -> dict[str, str]:
    """Read such a list as HTTP headers.

    Raises:
        ValueError: an entry is no pair, or no header that HTTP can carry (RFC 9110, 5.1 and 5.5), or one that
            is not the caller's to set. The message repeats no value.
    """
    headers = parse_key_values(text)
    for number, (name, value) in enumerate(headers.items(), start=1):
        if _HEADER_NAME.fullmatch(name) is None:
            raise ValueError(f"the name of header {number} is none of HTTP's; expected letters, digits and -")
        if not value.isascii():
            raise ValueError(f"the value of header {number} holds more than ASCII, which no header takes")
        if name.lower() in _OF_THE_CONNECTION:
            raise ValueError(f"{name.lower()} can't be set: it is the connection's own; leave it out")
        if name.lower() == TEAM_HEADER and not value:
            raise ValueError(f"{TEAM_HEADER} is empty; give it the key, or leave it out")
    return headers
