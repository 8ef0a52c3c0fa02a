"""URLs without what may be secret in them: query, fragment, user and password.

Outgoing calls are recorded with their URL, and the exceptions of a failed call repeat it: in the call's own
span, in each span around it, and with the path alone in urllib3's words.
"""

import re

from services.tracing.privacy.userinfo import without_userinfo

_WORD = re.compile(r'[^\s"<>]+')
_QUERY_OR_FRAGMENT = re.compile(r"[?#]")


def bare_url(url: str) -> str:
    """Return a URL up to its path, without user and password."""
    return _QUERY_OR_FRAGMENT.split(without_userinfo(url), maxsplit=1)[0]


def bare_urls(text: str) -> str:
    """Return a text with the URLs in it bare, also those without scheme and host. Takes linear time."""
    if "?" not in text and "#" not in text and "://" not in text:
        return text
    return _WORD.sub(_bare_word, text)


def _bare_word(match: "re.Match[str]") -> str:
    word = match[0]
    if "://" in word:
        return bare_url(word)
    head, _, query = word.partition("?")
    if query and ("/" in head or "=" in query):
        word = head
    head, _, fragment = word.partition("#")
    # An issue's number or a line behind a `#` is no secret: a token there has a name (RFC 6749, 4.2.2).
    return head if "/" in head and "=" in fragment else word
