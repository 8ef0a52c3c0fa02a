"""Reading tracing's variables: each value is checked here, and all that is wrong is told at once."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

NONE = "none"
"""In a list of names: nothing at all."""

_Value = TypeVar("_Value")
_ATTRIBUTE_NAME = re.compile(r"[^\s,]{1,255}")


class SettingsReader:
    """Reads variables and collects what is wrong with them; one that is empty counts as not set."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def first(self, *names: str) -> str | None:
        """Return the first variable that is set and not empty."""
        return next((value for name in names if (value := self._environment.get(name, "").strip())), None)

    def parsed(self, name: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
        """Return what `parse` makes of a variable, or the default where it isn't set or is wrong."""
        value = self.first(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return default

    def parsed_first(self, names: Iterable[str], parse: Callable[[str], _Value], default: _Value) -> _Value:
        """Return what `parse` makes of the first of the variables that is set, as `parsed` does."""
        name = next((name for name in names if self.first(name)), None)
        return default if name is None else self.parsed(name, parse, default)

    def url(self, *names: str) -> str | None:
        """Return the first of the variables that is set, as an http or https URL without the last slash."""
        return self.parsed_first(names, http_url, None)


def http_url(text: str) -> str:
    """Return the URL without the last slash.

    Raises:
        ValueError: it is another kind of URL, or holds what would be shown where the URL is (user and
            password) or break what is added to it (query, fragment). The message never repeats it.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port  # the port's ValueError shows it, and it may be a password
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or " " in text or not text.isprintable():
        raise ValueError("no http or https URL; expected https://host[:port]")
    if "@" in parts.netloc:
        raise ValueError("a URL with user or password; expected https://host[:port]")
    if "?" in text or "#" in text:
        raise ValueError("a URL with query or fragment; expected https://host[:port]")
    return text.rstrip("/")


def boolean(text: str) -> bool:
    """Return a switch."""
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise ValueError(f"{text!r} is neither true nor false")


def parameter_path(text: str) -> str:
    """Return an SSM path without its last slash."""
    path = text.rstrip("/")
    if not path.startswith("/") or "//" in path:
        raise ValueError(f"{text!r} is no parameter path; expected /<project>/<environment>/<service>")
    return path


def ratio(text: str) -> float:
    """Return a number from 0 to 1."""
    return seconds_from(0, 1, what="ratio")(text)


def seconds_from(minimum: float, maximum: float, *, what: str = "time in seconds") -> Callable[[str], float]:
    """Return a parser of numbers from `minimum` to `maximum`."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not minimum <= number <= maximum:
            raise ValueError(f"{text!r} is no {what}; expected a number from {minimum:g} to {maximum:g}")
        return number

    return parse


def whole_number(text: str) -> int:
    """Return a whole number from 0 up."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(f"{text[:60]!r} is no whole number from 0 up")
    return int(text)


def whole_from(minimum: int, maximum: int, what: str) -> Callable[[str], int]:
    """Return a parser of whole numbers from `minimum` to `maximum`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and minimum <= int(text) <= maximum):
            raise ValueError(
                f"{text[:60]!r} is no {what}; expected a whole number from {minimum} to {maximum}"
            )
        return int(text)

    return parse


def milliseconds_from(minimum: int, maximum: int) -> Callable[[str], float]:
    """Return a parser of milliseconds, as OpenTelemetry's variables hold times; it returns seconds."""
    parse_whole = whole_from(minimum, maximum, "time in milliseconds")
    return lambda text: parse_whole(text) / 1000


def one_of(names: Collection[str]) -> Callable[[str], str]:
    """Return a parser of one of `names`, in any case."""

    def parse(text: str) -> str:
        name = text.lower()
        if name not in names:
            raise ValueError(f"{text!r} is unknown; expected one of {', '.join(names)}")
        return name

    return parse


def some_of(names: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of a list of `names`, separated by commas; `none` stands alone."""
    parse_one = one_of(names)

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(parse_one(part) for part in _parts(text)))
        if not found:
            raise ValueError(f"{text!r} names nothing; expected some of {', '.join(names)}")
        if NONE in found and len(found) > 1:
            raise ValueError(f"{text!r} is none and something; expected none alone, or without it")
        return found

    return parse


def attribute_names(text: str) -> tuple[str, ...]:
    """Return attribute names, separated by commas."""
    parts = _parts(text)
    for part in parts:
        if _ATTRIBUTE_NAME.fullmatch(part) is None:
            raise ValueError(
                f"{part[:60]!r} is no attribute name; expected names such as app.plan, app.region"
            )
    return tuple(dict.fromkeys(parts))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
