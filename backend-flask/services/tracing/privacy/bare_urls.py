"""URLs without what may be secret in them: query, fragment, user and password.

Outgoing calls are recorded with their URL, and the exceptions of a failed call repeat it: in the call's own
span, in each span around it, and with the path alone in urllib3's words.
"""

import re

_WORD = re.compile(r'[^\s"<>]+')
_USER = re.compile(r"://[^/\s]*@")


def bare_url(url: str) -> str:
    """Return a URL up to its path, without user and password."""
    return _USER.sub("://", re.split(r"[?#]", url, maxsplit=1)[0], count=1)


def bare_urls(text: str) -> str:
    """Return a text with the URLs in it bare, also those without scheme and host. Takes linear time."""
    if "?" not in text and "://" not in text:
        return text
    return _WORD.sub(_bare_word, text)


def _bare_word(match: "re.Match[str]") -> str:
    word = match[0]
    if "://" in word:
        return bare_url(word)
    head, _, query = word.partition("?")
    return head if query and ("/" in head or "=" in query) else word
