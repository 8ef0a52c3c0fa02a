"""What two wildcard patterns have to do with each other: one covers the other, or they have a text in common.

Both walk the pattern `wide` as an automaton whose states are its places, a set of them being the bits of a
number. Case is ignored, as `wildcard_match` does.
"""

from collections.abc import Iterable
from functools import lru_cache

from xray.wildcards import wildcard_match

STATES_MAX = 128
"""Sets of places that are followed at a time; beyond it nothing is claimed."""
_ANY_RUN, _ANY_ONE = "*", "?"


@lru_cache(maxsize=4096)
def covers(wide: str, narrow: str) -> bool:
    """Tell whether every text that matches `narrow` is known to match `wide`.

    True is proven. What a character of `narrow` is left open to (by `?`, `*`) is worst where it is one that
    `wide` doesn't name: any other one leads to more places, never to fewer. So only such characters are
    tried, and of two sets of places only the smaller one is followed. False where it isn't so, and where more
    than STATES_MAX sets would have to be followed.
    """
    if wide == _ANY_RUN:
        return True
    automaton = _Automaton(wide)
    frontier = {automaton.start}
    for sign in narrow:
        if sign == _ANY_RUN:
            frontier = _smallest(after for places in frontier for after in automaton.after_runs(places))
        else:
            frontier = _smallest(automaton.after(places, sign) for places in frontier)
        if len(frontier) > STATES_MAX:
            return False
    return all(places & automaton.end for places in frontier)


@lru_cache(maxsize=4096)
def overlap(one: str, other: str) -> bool:
    """Tell whether there is a text that matches both patterns."""
    row = _with_empty({0}, one)
    for sign in other:
        if sign == _ANY_RUN:
            # whatever `one` goes on with may be within the run
            row = set(range(min(row), len(one) + 1)) if row else row
            continue
        following = set()
        for place in row:
            if place < len(one) and one[place] == _ANY_RUN:
                following.add(place)
            elif place < len(one) and (_ANY_ONE in (sign, one[place]) or _same(one[place], sign)):
                following.add(place + 1)
        row = _with_empty(following, one)
    return len(one) in row


def _with_empty(places: set[int], pattern: str) -> set[int]:
    """Return the places that are reached by letting `*` stand for nothing, too."""
    reached = set(places)
    for place, sign in enumerate(pattern):
        if sign == _ANY_RUN and place in reached:
            reached.add(place + 1)
    return reached


class _Automaton:
    """A pattern; place i is before its i-th sign."""

    def __init__(self, pattern: str) -> None:
        self._signs = pattern
        self._runs = sum(1 << place for place, sign in enumerate(pattern) if sign == _ANY_RUN)
        self._ones = sum(1 << place for place, sign in enumerate(pattern) if sign == _ANY_ONE)
        self.start = self._closed(1)
        self.end = 1 << len(pattern)

    def after(self, places: int, sign: str) -> int:
        """Return the places after one character: `sign`, or for `?` one that the pattern doesn't name."""
        moved = self._ones
        if sign != _ANY_ONE:
            moved |= sum(1 << place for place, own in enumerate(self._signs) if _same(own, sign))
        return self._closed((places & self._runs) | (places & moved) << 1)

    def after_runs(self, places: int) -> list[int]:
        """Return the places after no, one, two ... characters that the pattern doesn't name."""
        found = [places]
        while (places := self.after(places, _ANY_ONE)) not in found:
            found.append(places)
        return found

    def _closed(self, places: int) -> int:
        while (more := places | (places & self._runs) << 1) != places:
            places = more
        return places


def _smallest(sets: Iterable[int]) -> set[int]:
    """Return those of which no other one is a part."""
    kept: list[int] = []
    for places in sorted(set(sets), key=int.bit_count):
        if not any(smaller & places == smaller for smaller in kept):
            kept.append(places)
    return set(kept)


@lru_cache(maxsize=4096)
def _same(own: str, sign: str) -> bool:
    """Tell whether a pattern's own character, no wildcard, stands for `sign`, without regard to case."""
    return own == sign or (own not in (_ANY_RUN, _ANY_ONE) and wildcard_match(own, sign))
