"""Texts without the values behind names that say password or key, and without what an Authorization header
holds.

A value ends where its quotes do, else with the word; a header's with the line. In doubt too much goes.
"""

import re
from collections.abc import Iterator

from services.tracing.privacy.redacted_urls import REDACTED

_HINTS = ("pass", "pwd", "key", "token", "secret", "jwt", "authorization", "cookie", "session", "signature")
_NAME = re.compile(
    r"(?P<name>password|passwd|passphrase|pwd|key|token|secret|jwt|session[-_]?id|signature"
    r"|authorization|cookie)"
    r"(?P<end>\\*[\"'])?(?P<before>[ \t]*)(?P<sign>[:=])(?!=)(?P<after>[ \t]*)"
    r"(?:[bfr]{0,2}(?P<slashes>\\*)(?P<quote>[\"']))?"
)
"""For a text in lower case: that is searched several times faster than with IGNORECASE."""
_HEADERS = frozenset({"authorization", "cookie"})
_SECRET_BEHIND = {
    "key": ("api", "access", "account", "auth", "private", "secret", "subscription"),
    "signature": ("access",),
}
"""These names are secrets only behind one of such words: `api_key`, no `primary key`."""
_SURE_BEHIND = {
    "token": ("access", "refresh", "session", "security", "auth", "bearer", "csrf", "xsrf", "api", "id"),
    "secret": ("client",),
    "jwt": (),
}
"""These names alone are words of prose and code as well: `unexpected token: }`, `token = next()`."""
_EXCEPTIONS = ("invalid", "invalidid", "expired", "missing", "wrong", "bad", "incorrect")
"""With which the names of exceptions begin: InvalidPassword, ExpiredToken."""
_PREFIX_MAX_CHARACTERS = 16

_QUOTED = {
    '"': re.compile(r'(?:[^"\\\n]|\\[^\n])*'),
    "'": re.compile(r"(?:[^'\\\n]|\\[^\n])*"),
}
_LITERAL = re.compile(r"[^\s,\]})]*")
_LINE = re.compile(r"[^\r\n]*")
_WORD = re.compile(r"\S*")
_BEHIND_A_WORD = ")]},;.'\""

_OPTION = r"[\w-]{0,60}(?:password|passwd|passphrase|pwd|token|secret|key)"
_OPTION_NAME = re.compile(rf"--?{_OPTION}")
_OPTION_AND_VALUE = re.compile(rf"--{_OPTION}[ \t]+(?!-)(?P<value>\S+)")
_KEY = re.compile(
    r"\b(?:bearer|basic)[ \t]+(?P<value>[a-z0-9._~+/=-]{8,})"  # RFC 6750, RFC 7617
    r"|\b(?P<honeycomb>hc[a-z]{1,2}(?:ik|lk|mk)_[a-z0-9]{20,})"  # ingest keys and others with a prefix
)

_Place = tuple[int, int]


def without_named_secrets(text: str) -> str:
    """Return a text without secrets that are called so. Takes linear time."""
    lower = _lower(text)
    if any(hint in lower for hint in _HINTS):
        text = _without(text, _named(lower))
        lower = _lower(text)
        if "--" in lower:
            text = _without(text, (found.span("value") for found in _OPTION_AND_VALUE.finditer(lower)))
            lower = _lower(text)
    if "bearer" in lower or "basic" in lower or "hc" in lower:
        places = (found.span(found.lastgroup or 0) for found in _KEY.finditer(lower))
        text = _without(text, places)
    return text


def is_option_of_secret(argument: str) -> bool:
    """Tell whether a command's argument is an option whose value, a secret, comes next."""
    return _OPTION_NAME.fullmatch(argument.lower()) is not None


def _lower(text: str) -> str:
    """Return a text in lower case and as long as it was: one character alone would become two."""
    return text.replace("\u0130", "I").lower()


def _without(text: str, places: Iterator[_Place]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in places:
        parts += (text[position:start], REDACTED)
        position = end
    return "".join(parts) + text[position:] if parts else text


def _named(text: str) -> Iterator[_Place]:
    """Yield where values of secrets are in a text in lower case."""
    position = 0
    for found in _NAME.finditer(text):
        if found.start() >= position and _is_secret(found, text):
            start, position = found.end(), _end(found, text)
            if start < position:
                yield start, position


def _is_secret(found: "re.Match[str]", text: str) -> bool:
    name, start = found["name"], found.start()
    prefix = text[max(0, start - _PREFIX_MAX_CHARACTERS) : start]
    if prefix.endswith(_EXCEPTIONS):
        return False
    word = prefix.rstrip("-_")
    if name in _SECRET_BEHIND:
        return word.rstrip().endswith(_SECRET_BEHIND[name])
    if name not in _SURE_BEHIND or found["end"] or word.endswith(_SURE_BEHIND[name]):
        return True
    return found["sign"] == "=" and bool(found["quote"] or not (found["before"] or found["after"]))


def _end(found: "re.Match[str]", text: str) -> int:
    """Return where the value ends."""
    start = found.end()
    if found["quote"]:
        if not found["slashes"]:
            return _end_of(_QUOTED[found["quote"]], text, start)
        end = text.find(found["slashes"] + found["quote"], start)
        line = text.find("\n", start, len(text) if end < 0 else end)
        return line if line >= 0 else len(text) if end < 0 else end
    if found["end"]:
        return _end_of(_LITERAL, text, start)
    if found["name"] in _HEADERS:
        return _end_of(_LINE, text, start)
    word = text[start : _end_of(_WORD, text, start)]
    return start + len(word.rstrip(_BEHIND_A_WORD))


def _end_of(pattern: "re.Pattern[str]", text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start
