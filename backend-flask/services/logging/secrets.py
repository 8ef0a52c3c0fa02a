"""Log lines without secrets: what stands behind a name that says so, and what looks like a key.

Works on the JSON text of a whole line: whatever a value was, there it is text. Escapes are taken whole, so
that a line that was JSON stays JSON.
"""

import re

REDACTED = "REDACTED"

_NAME = re.compile(
    r"(?P<name>(?P<header>(?:proxy[-_])?authorization|(?:set[-_])?cookie|x[-_]api[-_]key"
    r"|x[-_]amz[-_]security[-_]token|x[-_]honeycomb[-_]team|x[-_]rollbar[-_]access[-_]token)"
    r"|secret_?access_?key|session_?token|access_?token|client_?secret|api_?key|password|passwd)"
    r"(?P<end>\\*[\"'])?\s*[:=]\s*(?P<begin>b?\\*[\"'])?",
    re.IGNORECASE,
)
_IN_STRING = re.compile(r'(?:[^"\\]|\\.)*')
_JSON_LITERAL = re.compile(r'[^\s",\[\]{}]+')
_IN_SINGLE_QUOTES = re.compile(r"(?:[^\"'\\]|\\[^\"'nr])*")
_TO_END_OF_LINE = re.compile(r'(?:[^"\\]|\\[^"nr])*')
_WORD = re.compile(r"(?:[^\s\"'\\,;&()\[\]{}]|\\[^\"'nrt])*")

_RUN = "A-Za-z0-9/+"
_KEY = re.compile(
    r"\b(?i:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"  # RFC 6750, RFC 7617
    r"|hc[a-z]{1,2}(?:ik|lk|mk)_[A-Za-z0-9]{20,}"  # Honeycomb: ingest keys and others with a prefix
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # IAM user guide, unique identifiers
    rf"|(?:(?<=\\[bfnrt])|(?<![{_RUN}]))[{_RUN}]{{40}}(?![{_RUN}=])"  # AWS's secret access keys
)
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))


def without_secrets(text: str) -> str:
    """Return a text, or a line of JSON, with its secrets replaced by `REDACTED`."""
    return _KEY.sub(_replaced, _without_values(text))


def _without_values(text: str) -> str:
    parts: list[str] = []
    position = 0
    for found in _NAME.finditer(text):
        if found.start() < position:
            continue
        value = _value_of(found).match(text, found.end())
        if value is None or not value[0]:
            continue
        is_literal = found["end"] == '"' and found["begin"] is None
        parts += (text[position : value.start()], f'"{REDACTED}"' if is_literal else REDACTED)
        position = value.end()
    return "".join(parts) + text[position:] if parts else text


def _value_of(name: "re.Match[str]") -> "re.Pattern[str]":
    """Return what the value behind a name looks like: where it begins tells where it ends."""
    begin = name["begin"]
    if begin == '"':
        return _IN_STRING
    if begin is not None and begin.endswith("'"):
        return _IN_SINGLE_QUOTES
    if name["end"] == '"':
        return _JSON_LITERAL
    return _TO_END_OF_LINE if begin is not None or name["header"] else _WORD


def _replaced(found: "re.Match[str]") -> str:
    """Forty characters of one kind, as a digest in hexadecimal has them, are no key."""
    text = found[0]
    is_key = len(text) != 40 or all(kind.search(text) for kind in _KINDS)
    return REDACTED if is_key else text
