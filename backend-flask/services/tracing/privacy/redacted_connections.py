"""What connects to a database or a broker, without what is secret in it."""

import re

from services.tracing.privacy.redacted_urls import REDACTED, redacted_url

_USER = re.compile(
    r"^(?:(?P<scheme>[\w+.:-]{0,60}//)(?:[^\s;?]*|[^/\s;]*)"
    r"|(?P<oracle>jdbc:\w{1,30}:\w{1,30}:)[^\s;]*"
    r"|[^\s=;@/:]+[:/][^\s;?]*)@",
    re.IGNORECASE,
)
"""Greedy, up to an `@` as far on as can be: drivers take passwords with `@`, `/` and `?` as they are."""
_SECRET = re.compile(
    r"(?P<name>(?:pass|pwd|\bpw|secret|token|(?:account|access|api)_?key)\w{0,30}\s{0,3}=\s{0,3})"
    r"(?:'(?:[^'\\]|\\.|'')*(?:'|\Z)"
    r'|"(?:[^"\\]|\\.|"")*(?:"|\Z)'
    r"|\{[^}]*(?:\}|\Z)"
    r"|.*?(?=[;&\s]\s{0,3}[\w.-]{1,40}=|\Z))",
    re.IGNORECASE | re.DOTALL,
)
"""A value ends at its quote, else where the next name begins: what separates may be in a password, too."""


def redacted_connection(text: str) -> str:
    """Return what connects to a database without user and password in front of its host, and without the
    values of names such as `password`. Takes linear time.

    Covers URLs and JDBC's, libpq's `name=value`, and ODBC's `Name=Value;`. A queue's HTTP address is a URL as
    others are: its query's values go.
    """
    if text[:8].lower().startswith(("http://", "https://")):
        return redacted_url(text)
    text = _USER.sub(lambda match: match["scheme"] or match["oracle"] or "", text, count=1)
    return _SECRET.sub(rf"\g<name>{REDACTED}", text)
