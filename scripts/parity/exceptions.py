"""Exceptions as a span event tells them: type, message, and Python's traceback as one text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXCEPTIONS_MAX = 20
FRAMES_MAX = 50
"""X-Ray documents keep as many of each, the last raised and the innermost first."""

_LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_FRAME = re.compile(r'\s*File "(.*)", line (\d+)(?:, in (.*))?')
_HEADLINE = "Traceback (most recent call last):"

Told = tuple[str, str, list[tuple[str, int, str]], bool]
"""Type, message, the frames as path, line and function, and whether it came out of a call to elsewhere."""


def from_events(events: Iterable[Mapping[str, Any]], *, is_remote: bool) -> list[Told]:
    """Return the exceptions of a span's `exception` events, each followed by those it came from.

    `is_remote` is whether the span calls another service.
    """
    found: list[Told] = []
    for event in events:
        if event.get("name") == "exception":
            found += _chain(event, is_remote)
    return found[:EXCEPTIONS_MAX]


def from_cause(cause: Mapping[str, Any]) -> list[Told]:
    """Return the exceptions of a document's `cause`, in their order."""
    return [
        (
            exception.get("type", ""),
            exception.get("message", ""),
            [(frame["path"], frame["line"], frame.get("label", "")) for frame in exception.get("stack", ())],
            bool(exception.get("remote", False)),
        )
        for exception in cause.get("exceptions", ())
    ]


def unlinked(cause: Mapping[str, Any]) -> list[str]:
    """Return what `cause` says exceptions came from without having it: ids, none in a whole document."""
    exceptions = cause.get("exceptions", ())
    known = {exception.get("id") for exception in exceptions}
    return [
        exception["cause"] for exception in exceptions if exception.get("cause", None) not in {None, *known}
    ]


def _chain(event: Mapping[str, Any], is_remote: bool) -> list[Told]:
    kind, message = str(event.get("exception.type", "")), str(event.get("exception.message", ""))
    parts = _parts(str(event.get("exception.stacktrace", "")))
    if not parts:
        return [(kind, message, [], is_remote)]
    last, *earlier = parts
    # Of the last one the event itself says type and message, and with the module where that is no builtin.
    return [
        (kind, message, _frames(last), is_remote),
        *((*_summary(part), _frames(part), is_remote) for part in earlier),
    ]


def _parts(stacktrace: str) -> list[list[str]]:
    """Return the lines of each traceback, the one of the exception that was raised last first."""
    if not stacktrace:
        return []
    parts: list[list[str]] = [[]]
    for line in stacktrace.splitlines():
        if line in _LINKS:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts[::-1]


def _frames(lines: list[str]) -> list[tuple[str, int, str]]:
    """Return the innermost frames, the innermost first; they end where the exception itself is told."""
    head = lines[: _summary_at(lines)]
    matches = [match for line in head if (match := _FRAME.fullmatch(line))]
    return [(match[1], int(match[2]), match[3] or "") for match in reversed(matches)][:FRAMES_MAX]


def _summary(lines: list[str]) -> tuple[str, str]:
    text = "\n".join(lines[_summary_at(lines) :]).strip()
    kind, _, message = text.partition(": ")
    return kind.removesuffix(":"), message


def _summary_at(lines: list[str]) -> int:
    """Return which line begins to tell the exception: the first at the margin that is no headline."""
    return next(
        (at for at, line in enumerate(lines) if line and not line[0].isspace() and line != _HEADLINE),
        len(lines),
    )
