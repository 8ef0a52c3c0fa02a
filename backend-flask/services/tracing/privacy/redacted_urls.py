"""URLs and queries that keep their names and lose their values."""

import re

from services.tracing.privacy.userinfo import without_userinfo

REDACTED = "REDACTED"

_SEPARATOR = re.compile(r"([&;])")


def redacted_url(url: str) -> str:
    """Return a URL, or a path, with its query's names alone, without user, password and fragment."""
    if "?" not in url and "#" not in url and "@" not in url:
        return url
    # First the password: it may hold what begins a query elsewhere.
    url = without_userinfo(url).partition("#")[0]
    place, question_mark, query = url.partition("?")
    return place + question_mark + redacted_query(query)


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
