"""IAM's wildcards: ``*`` is any run of characters, ``?`` one character, the whole text must match.

Source: IAM user guide, "IAM JSON policy elements: Resource" and "... Condition operators". Two patterns are
compared, so that a call may itself be one ("any stream of this group"); a text is a pattern without any.
"""

from __future__ import annotations

import re
from functools import lru_cache

_RUN = re.compile(r"[*?]*\*[*?]*")


@lru_cache(maxsize=4096)
def covers(wide: str, narrow: str) -> bool:
    """Tell whether every text that *narrow* matches is matched by *wide*.

    A wildcard of *narrow* is taken by a wildcard of *wide* alone, as if it stood for a character that *wide*
    has nowhere: right for every alphabet larger than the patterns.
    """
    wide, narrow = _normal(wide), _normal(narrow)
    # reached[i]: the first i characters of *wide* can have taken what was read of *narrow*.
    reached = _skipping_stars({0}, wide)
    for character in narrow:
        following = set()
        for index in reached:
            if index == len(wide):
                continue
            if wide[index] == "*":
                following.add(index)
            elif wide[index] == character or (wide[index] == "?" and character != "*"):
                following.add(index + 1)
        reached = _skipping_stars(following, wide)
    return len(wide) in reached


@lru_cache(maxsize=4096)
def meet(one: str, other: str) -> bool:
    """Tell whether some text is matched by both patterns."""
    states = {(0, 0)}
    seen: set[tuple[int, int]] = set()
    while states:
        first, second = states.pop()
        if (first, second) in seen:
            continue
        seen.add((first, second))
        if first == len(one) and second == len(other):
            return True
        states |= _steps(one, first, other, second)
    return False


def _steps(one: str, first: int, other: str, second: int) -> set[tuple[int, int]]:
    """Return where both can go from here: a star may end, or both take the same character."""
    found = set()
    if _at(one, first) == "*":
        found.add((first + 1, second))
    if _at(other, second) == "*":
        found.add((first, second + 1))
    if first == len(one) or second == len(other):
        return found
    mine, theirs = one[first], other[second]
    if mine in "*?" or theirs in "*?" or mine == theirs:
        found.add((first + (mine != "*"), second + (theirs != "*")))
    return found


def _at(pattern: str, index: int) -> str:
    return pattern[index] if index < len(pattern) else ""


def _skipping_stars(indexes: set[int], pattern: str) -> set[int]:
    """Return *indexes* and what is reached from them where stars take nothing."""
    found = set(indexes)
    for index in range(min(indexes, default=len(pattern)), len(pattern)):
        if index in found and pattern[index] == "*":
            found.add(index + 1)
    return found


def _normal(pattern: str) -> str:
    """Return *pattern* with each run of wildcards as one character each, then at most one star."""
    return _RUN.sub(lambda run: "?" * run[0].count("?") + "*", pattern)
