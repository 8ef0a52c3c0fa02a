r"""Texts in double quotes: `\"` is a quote, `\\` a backslash; before anything else a backslash is itself."""

import re

_ESCAPE = re.compile(r'\\(["\\])')
_SPECIAL = re.compile(r'["\\]')


def unquoted(text: str) -> str:
    """Return what stands between the quotes of a text."""
    inner = text[1:-1]
    return _ESCAPE.sub(r"\1", inner) if "\\" in inner else inner


def quoted(value: str) -> str:
    """Return a text as it is written."""
    return f'"{_SPECIAL.sub(_escaped, value)}"'


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
