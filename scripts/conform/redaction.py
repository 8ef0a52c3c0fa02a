"""Takes out of a text or a document whatever tells whose account it was."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD = r"(?<![A-Za-z0-9])"
_END = r"(?![A-Za-z0-9])"
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
IPV6 = re.compile(r"(?<![A-Za-z0-9:.])[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![A-Za-z0-9:])")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
PRINCIPAL = re.compile(r"arn:aws[a-z-]*:(?:iam|sts):[^\s\"'`,;)]*")
AWS_KEY = re.compile(_WORD + r"A(?:3T|BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|ROA|SIA)[A-Z0-9]{12,}" + _END)
HONEYCOMB_KEY = re.compile(_WORD + r"hc[a-z]{1,3}_[A-Za-z0-9]+")
# 22 characters, but for a word such as ResponseTimeRootCauses
CONFIGURATION_KEY = re.compile(_WORD + r"(?!(?:[A-Z]?[a-z]{2,})+" + _END + r")[A-Za-z0-9]{22}" + _END)
_LINK = re.compile(r"(https://ui[.\w-]*honeycomb\.io)/[^/\s\"?]+(?:(/environments)/[^/\s\"?]+)?")
_PATTERNS = (
    ("PRINCIPAL", PRINCIPAL),
    ("EMAIL", EMAIL),
    ("TRACE", re.compile(r"(?<![\w-])1-[0-9a-f]{8}-[0-9a-f]{24}(?![\w])")),
    ("TRACE", re.compile(_WORD + r"[0-9A-Fa-f]{32}" + _END)),
    ("UUID", re.compile(_WORD + r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}" + _END, re.IGNORECASE)),
    ("UNIQUE", re.compile(r"(?<=/)[A-Z2-7]{40,64}" + _END)),
    ("KEY", HONEYCOMB_KEY),
    ("KEY", AWS_KEY),
    ("KEY", CONFIGURATION_KEY),
    ("ACCOUNT", ACCOUNT),
    ("ID", re.compile(_WORD + r"[0-9a-f]{16}" + _END)),
    ("TIME", re.compile(r"(?<!\d)20\d\d-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?")),
    ("TIME", re.compile(r"(?<![\d.])1[6-9]\d{8}(?:\.\d+)?(?!\d)")),
    ("TIME", re.compile(r"(?<![\d.])1[6-9]\d{17}(?!\d)")),
    ("IP", IPV4),
)
_SAME_EVERYWHERE = {"TIME", "ACCOUNT", "KEY", "UUID", "PRINCIPAL", "EMAIL", "IP"}
_EPOCH_FROM, _EPOCH_UNTIL = 1_600_000_000, 2_000_000_000
_LEFT_OUT = {"ResponseMetadata", "NextToken", "nextToken"}
_ANYWHERE_FROM_CHARACTERS = 6
"""A known text that is shorter is replaced only where it stands as a word of its own."""
_DECIMALS = 6


class Redactor:
    """Replaces what is the account's own; *known* maps further texts to their placeholders.

    The same id has the same placeholder wherever it stands, so that two recordings compare.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = {text: f"<{placeholder}>" for text, placeholder in known.items() if text}
        self._seen: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def learn(self, identity: str) -> None:
        """Have *identity*, which the service gave to something, replaced from now on."""
        if identity and identity not in self._known:
            self._known[identity] = self._placeholder("ID", identity)

    def redact(self, value: Any) -> Any:
        """Return *value*, which JSON or boto3 made, with placeholders."""
        if isinstance(value, datetime):
            return "<TIME>"
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if isinstance(value, dict):
            return {
                self._text(str(key)): self.redact(one) for key, one in value.items() if key not in _LEFT_OUT
            }
        if isinstance(value, list | tuple):
            return [self.redact(one) for one in value]
        return value

    def _number(self, value: float) -> Any:
        if _EPOCH_FROM <= value < _EPOCH_UNTIL:
            return "<TIME>"
        short = round(value, _DECIMALS) if isinstance(value, float) else value
        text = str(short)
        numbers = [
            known for known in self._known if known.isdigit() and len(known) >= _ANYWHERE_FROM_CHARACTERS
        ]
        own = any(known.lstrip("0") in text for known in numbers if known.strip("0"))
        return "<NUMBER>" if own or ACCOUNT.search(text) else short

    def _text(self, text: str) -> str:
        for known in sorted(self._known, key=len, reverse=True):
            if len(known) >= _ANYWHERE_FROM_CHARACTERS:
                text = re.sub(re.escape(known), lambda _: self._known[known], text, flags=re.IGNORECASE)  # noqa: B023
            else:
                word = _WORD + re.escape(known) + _END
                text = re.sub(word, lambda _: self._known[known], text, flags=re.IGNORECASE)  # noqa: B023
        text = _LINK.sub(_without_team, text)
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda match, kind=kind: self._placeholder(kind, match[0]), text)  # type: ignore[misc]
        return IPV6.sub(lambda match: "<IP>" if is_ip(match[0]) else match[0], text)

    def _placeholder(self, kind: str, value: str) -> str:
        if kind in _SAME_EVERYWHERE:
            return f"<{kind}>"
        if value not in self._seen:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._seen[value] = f"<{kind}-{self._counts[kind]}>"
        return self._seen[value]


def is_ip(text: str) -> bool:
    """Tell whether *text* is an IP address, and not a time or a type with colons in it."""
    try:
        ip_address(text.rstrip("."))
    except ValueError:
        return False
    return True


def _without_team(link: re.Match[str]) -> str:
    return f"{link[1]}/<TEAM>" + (f"{link[2]}/<ENVIRONMENT>" if link[2] else "")
