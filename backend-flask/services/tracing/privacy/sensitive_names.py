"""Which attributes may hold a secret, told by their names."""

from collections.abc import Collection

from services.tracing.privacy.sensitive_headers import header_of, verdict_on_header
from services.tracing.privacy.verdict import Verdict
from xray.wildcards import wildcard_match

NAME_MAX_CHARACTERS = 256
CACHE_MAX_NAMES = 4096

MESSAGE = "exception.message"
_REPEATS_THE_MESSAGE = "exception.stacktrace"
_METADATA_PREFIX = "aws.xray.metadata."
_KNOWN = {
    **dict.fromkeys(("url.fragment", "url.password", "url.username"), Verdict.HIDE),
    **dict.fromkeys(("url.full", "url.original", "http.url", "http.target"), Verdict.URL),
    "url.query": Verdict.QUERY,
    **dict.fromkeys((MESSAGE, _REPEATS_THE_MESSAGE, "error.message"), Verdict.TEXT),
    **dict.fromkeys(("aws.http.error_message", "http.status_text", "otel.status_description"), Verdict.TEXT),
    **dict.fromkeys(("process.command_args", "process.command_line", "process.command"), Verdict.TEXT),
    **dict.fromkeys(("db.connection_string", "db.url", "db.dsn", "messaging.url"), Verdict.CONNECTION),
}


class SensitiveNames:
    """Judges attributes by name: sensitive headers, URLs, texts of exceptions, and the configured names.

    Case doesn't count, `*` stands for any run, and headers' names are taken with hyphens or underscores, as
    the instrumentations write them. Verdicts are remembered, so that a span costs one look for all its names.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._exact = frozenset(name.lower() for name in names if "*" not in name)
        # `?` is a character like others here, other than in X-Ray's wildcards: it matches itself too.
        self._patterns = tuple(name for name in names if "*" in name)
        self._known: dict[str, Verdict] = {}
        self.clean: set[str] = set()
        """The names known to be clean, always the same set: for `clean.issuperset(attributes)`."""

    def __call__(self, name: str) -> Verdict:
        """Return the verdict on a name."""
        verdict = self._known.get(name)
        if verdict is not None:
            return verdict
        verdict = self._judge(name.lower())
        if len(name) <= NAME_MAX_CHARACTERS:
            if len(self._known) >= CACHE_MAX_NAMES:
                self._known.clear()
                self.clean.clear()
            self._known[name] = verdict
            if verdict is Verdict.CLEAN:
                self.clean.add(name)
        return verdict

    def inside(self, path: str, name: str) -> Verdict:
        """Return the verdict on a name within the value of an attribute: as an attribute, alone and behind
        the `path` that leads to it, and as a header, whatever the attribute is called.
        """
        joined, *alone = self(f"{path}.{name}"), self(name), verdict_on_header(name.lower())
        # Of X-Ray's metadata all names begin alike.
        verdicts = alone if joined is Verdict.JSON else [joined, *alone]
        if Verdict.HIDE in verdicts:
            return Verdict.HIDE
        return next((verdict for verdict in verdicts if verdict is not Verdict.CLEAN), Verdict.CLEAN)

    def _judge(self, name: str) -> Verdict:
        if self._is_configured(name):
            return Verdict.HIDE
        if name == _REPEATS_THE_MESSAGE and self._is_configured(MESSAGE):
            return Verdict.HIDE
        if name.startswith(_METADATA_PREFIX):
            return Verdict.JSON
        header = header_of(name)
        return _KNOWN.get(name, Verdict.CLEAN) if header is None else verdict_on_header(header)

    def _is_configured(self, name: str) -> bool:
        return name in self._exact or any(wildcard_match(pattern, name) for pattern in self._patterns)
