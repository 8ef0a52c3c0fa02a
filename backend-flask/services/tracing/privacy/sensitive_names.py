"""Which attributes may hold a secret, told by their names."""

import re
from collections.abc import Collection
from enum import Enum

from xray.wildcards import wildcard_match

NAME_MAX_CHARACTERS = 256
CACHE_MAX_NAMES = 4096

_HEADER = re.compile(r"(?:.*\.)?https?\.(?:request|response)\.header\.(.+)", re.DOTALL)
_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-amz-security-token",
        "x-honeycomb-team",
        "x-rollbar-access-token",
    }
)
_HEADER_WORDS = ("token", "secret", "password")
_HEADERS_WITH_URL = frozenset({"referer", "location", "content-location"})
_URLS = frozenset({"url.full", "url.original", "http.url", "http.target"})
_QUERIES = frozenset({"url.query"})


class Verdict(Enum):
    """What is done with an attribute of this name: left, taken away, or looked into as a URL or a query."""

    CLEAN = 0
    HIDE = 1
    URL = 2
    QUERY = 3


class SensitiveNames:
    """Judges attributes by name: sensitive headers, URLs, and the configured names.

    Case doesn't count, `*` stands for any run, and headers' names are taken with hyphens or underscores, as
    the instrumentations write them. Verdicts are remembered, so that a span costs one look for all its names.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._exact = frozenset(name.lower() for name in names if "*" not in name)
        # `?` is a character like others here, other than in X-Ray's wildcards: it matches itself too.
        self._patterns = tuple(name for name in names if "*" in name)
        self._known: dict[str, Verdict] = {}
        self.clean: set[str] = set()
        """The names known to be clean, for `clean.issuperset(attributes)`."""

    def __call__(self, name: str) -> Verdict:
        """Return the verdict on a name."""
        verdict = self._known.get(name)
        if verdict is not None:
            return verdict
        verdict = self._judge(name)
        if len(name) <= NAME_MAX_CHARACTERS:
            if len(self._known) >= CACHE_MAX_NAMES:
                self._known, self.clean = {}, set()
            self._known[name] = verdict
            if verdict is Verdict.CLEAN:
                self.clean.add(name)
        return verdict

    def _judge(self, name: str) -> Verdict:
        lower = name.lower()
        if lower in self._exact or any(wildcard_match(pattern, lower) for pattern in self._patterns):
            return Verdict.HIDE
        if lower in _URLS:
            return Verdict.URL
        if lower in _QUERIES:
            return Verdict.QUERY
        header = _HEADER.fullmatch(lower)
        if header is None:
            return Verdict.CLEAN
        field = header[1].replace("_", "-")
        if field in _HEADERS or any(word in field for word in _HEADER_WORDS):
            return Verdict.HIDE
        return Verdict.URL if field in _HEADERS_WITH_URL else Verdict.CLEAN
