"""Which image was there before, by the image parameter's history. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE = "none"
"""The parameter's value as long as nothing was deployed."""


def kept(values: Iterable[str]) -> list[str]:
    """Return, oldest first, the images that were deployed and not gone back from; the last is today's.

    *values* are the parameter's, oldest first. A value that was there before is a way back to it: what came
    in between was undone, by a rollback or since it never became steady, and is nothing to go back to.
    """
    line: list[str] = []
    for value in values:
        if value in line:
            del line[line.index(value) + 1 :]
        else:
            line.append(value)
    return [value for value in line if value != NONE]


def earlier(values: Iterable[str]) -> str | None:
    """Return the image to go back to from the last of *values*, None where there is none."""
    values = list(values)
    line = kept(values)
    if not values or values[-1] == NONE:
        return line[-1] if line else None
    return line[-2] if len(line) > 1 else None
