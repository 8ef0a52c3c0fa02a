"""What callers may send, checked before anything is done with it."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from uuid import UUID

from errors import InvalidInput

HANDLE_MAX_CHARACTERS = 30
SEARCH_TERM_MAX_CHARACTERS = 100

_HANDLE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{HANDLE_MAX_CHARACTERS - 1}}}", re.ASCII)
_HANDLE_EXPECTED = (
    f"expected 1 to {HANDLE_MAX_CHARACTERS} of a-z, 0-9, '_', '.' and '-', the first a letter or a digit"
)
_ALLOWED_CONTROLS = frozenset("\n\t")
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs"})


class JsonObject:
    """A request's JSON object, read field by field; `finish` refuses it with all problems at once.

    A reader answers an empty text for a field that has a problem.
    """

    def __init__(self, document: object) -> None:
        """Take a parsed JSON document.

        Raises:
            InvalidInput: it is no object (422).
        """
        if not isinstance(document, Mapping):
            raise InvalidInput({"body": f"expected a JSON object, found {_json_type(document)}"})
        self._document = document
        self._problems: dict[str, str] = {}

    def text(self, name: str, *, maximum: int) -> str:
        """Return a text that shows something, at most `maximum` characters after trimming."""
        value = self._string(name)
        if value is None:
            return ""
        problem = _text_problem(value.strip(), maximum)
        if problem:
            self._problems[name] = problem
            return ""
        return value.strip()

    def handle(self, name: str, *, default: str | None = None) -> str:
        """Return a handle in lower case, with or without a leading `@`."""
        if default is not None and self._document.get(name) is None:
            return default
        value = self._string(name)
        if value is None:
            return ""
        handle = value.removeprefix("@")
        if _HANDLE.fullmatch(handle) is None:
            self._problems[name] = _HANDLE_EXPECTED
            return ""
        return handle.lower()

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return one of `choices`."""
        value = self._string(name)
        if value is not None and value not in choices:
            self._problems[name] = f"expected one of {', '.join(choices)}"
            return ""
        return value or ""

    def finish(self) -> None:
        """Refuse the object if any field was wrong.

        Raises:
            InvalidInput: names every field that has a problem (422).
        """
        if self._problems:
            raise InvalidInput(self._problems)

    def _string(self, name: str) -> str | None:
        value = self._document.get(name)
        if isinstance(value, str):
            return value
        found = "nothing" if name not in self._document else _json_type(value)
        self._problems[name] = f"expected a string, found {found}"
        return None


def path_handle(text: str) -> str:
    """Return the handle in a path, in lower case.

    Raises:
        InvalidInput: it is no handle (400).
    """
    if _HANDLE.fullmatch(text) is None:
        raise InvalidInput({"handle": _HANDLE_EXPECTED}, status=400, code="invalid_handle")
    return text.lower()


def search_term(text: str | None) -> str:
    """Return the trimmed term of a search.

    Raises:
        InvalidInput: it is missing, blank, too long or has control characters (400).
    """
    term = (text or "").strip()
    problem = _text_problem(term, SEARCH_TERM_MAX_CHARACTERS)
    if problem:
        raise InvalidInput({"term": problem}, status=400, code="invalid_term")
    return term


def canonical_uuid(text: str) -> str | None:
    """Return a UUID in its usual lower case form, or None where `text` has another form."""
    try:
        canonical = str(UUID(text))
    except ValueError:
        return None
    return canonical if canonical == text.lower() else None


def _text_problem(text: str, maximum: int) -> str | None:
    if not text:
        return f"expected 1 to {maximum} characters, found none"
    if len(text) > maximum:
        return f"expected at most {maximum} characters, found {len(text)}"
    if any(unicodedata.category(c) in _FORBIDDEN_CATEGORIES and c not in _ALLOWED_CONTROLS for c in text):
        return "expected no control characters and no lone surrogates"
    return None


def _json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
