"""Values of attributes without secrets, by the verdict on their names, however deep these are."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.tracing.privacy.named_secrets import is_option_of_secret
from services.tracing.privacy.redacted_connections import redacted_connection
from services.tracing.privacy.redacted_urls import REDACTED, redacted_query, redacted_url
from services.tracing.privacy.sensitive_names import SensitiveNames
from services.tracing.privacy.texts import redacted_text
from services.tracing.privacy.verdict import Verdict

NESTING_MAX = 20
"""As deep as the sinks write values; what is deeper is taken away."""

PLAIN = frozenset({str, int, float, bool, type(None)})
"""The types of values that hold no names."""

_OF_TEXT: dict[Verdict, Callable[[str], str]] = {
    Verdict.URL: redacted_url,
    Verdict.QUERY: redacted_query,
    Verdict.TEXT: redacted_text,
    Verdict.CONNECTION: redacted_connection,
}


class Values:
    """Redacts values. Where there is nothing to hide in one, the answer is the value itself."""

    def __init__(self, names: SensitiveNames) -> None:
        self._names = names

    def __call__(self, name: str, value: Any) -> Any:
        """Return the value of an attribute without secrets."""
        return self._redacted(self._names(name), name, value, 0)

    def _redacted(self, verdict: Verdict, path: str, value: Any, depth: int) -> Any:
        if verdict is Verdict.HIDE:
            return REDACTED
        if isinstance(value, str):
            redacted = self._text(verdict, path, value, depth)
            return value if redacted == value else redacted
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return REDACTED if depth >= NESTING_MAX else self._mapping(verdict, path, value, depth)
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
            return REDACTED if depth >= NESTING_MAX else self._sequence(verdict, path, value, depth)
        return value if verdict in (Verdict.CLEAN, Verdict.JSON) else REDACTED

    def _text(self, verdict: Verdict, path: str, text: str, depth: int) -> str:
        if verdict is Verdict.JSON:
            return self._json(path, text, depth)
        redact = _OF_TEXT.get(verdict)
        return text if redact is None else redact(text)

    def _json(self, path: str, text: str, depth: int) -> str:
        """Return X-Ray's metadata, whose names the translation makes attributes, without secrets."""
        if not text.lstrip().startswith(("{", "[")):
            return text
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return REDACTED  # cut off, or no JSON: it can't be looked into
        redacted = self._redacted(Verdict.CLEAN, path, content, depth)
        return text if redacted is content else json.dumps(redacted)

    def _mapping(self, verdict: Verdict, path: str, value: Mapping[Any, Any], depth: int) -> Any:
        changes: dict[Any, Any] = {}
        for key, item in value.items():
            name = str(key)
            inner = self._names.inside(path, name)
            inner = verdict if inner is Verdict.CLEAN else inner
            redacted = self._redacted(inner, f"{path}.{name}", item, depth + 1)
            if redacted is not item:
                changes[key] = redacted
        return {**value, **changes} if changes else value

    def _sequence(self, verdict: Verdict, path: str, value: Sequence[Any], depth: int) -> Any:
        items: list[Any] = []
        is_changed = is_secret_next = False
        for item in value:
            redacted = REDACTED if is_secret_next else self._redacted(verdict, path, item, depth + 1)
            is_changed = is_changed or redacted is not item
            is_secret_next = verdict is Verdict.TEXT and isinstance(item, str) and is_option_of_secret(item)
            items.append(redacted)
        return tuple(items) if is_changed else value
