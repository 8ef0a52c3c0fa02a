"""Traces and graphs as JSON, safe to look at in a terminal."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime

# What a terminal acts on and json.dumps leaves as it is: it can only stand in strings, where \\u may too.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def to_json(document: object, *, indent: int | None = 2) -> str:
    """Return *document* as JSON with a line end; times become RFC 3339 in UTC.

    Characters that a terminal acts on, and lone surrogates, are escaped; so is all beyond ASCII where stdout
    takes no UTF. Without *indent* it is one line.
    """
    ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, default=_plain)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")
