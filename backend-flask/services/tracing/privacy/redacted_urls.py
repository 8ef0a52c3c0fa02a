"""URLs and queries that keep their names and lose their values."""

import re

REDACTED = "REDACTED"

_SEPARATOR = re.compile(r"([&;])")
_USER = re.compile(r"(://|^//)[^/?#]*@")


def redacted_url(url: str) -> str:
    """Return a URL, or a path, with its query's names alone, without user, password and fragment."""
    if "?" not in url and "#" not in url and "@" not in url:
        return url
    url = url.partition("#")[0]
    place, question_mark, query = url.partition("?")
    return _USER.sub(r"\1", place, count=1) + question_mark + redacted_query(query)


def redacted_query(query: str) -> str:
    """Return a query with its names alone: `a=REDACTED&b=REDACTED`. A part without a name is a value."""
    query = query.partition("#")[0]
    if not query:
        return query
    return "".join(
        part if index % 2 else _redacted_part(part) for index, part in enumerate(_SEPARATOR.split(query))
    )


def _redacted_part(part: str) -> str:
    name, equals, _ = part.partition("=")
    if not part:
        return part
    return f"{name}={REDACTED}" if equals else REDACTED
