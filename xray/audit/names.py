"""The name that somebody probably meant."""

from collections.abc import Iterable

from xray.names import SEGMENT_NAME_MAX_CHARACTERS

_EDITS_PER_CHARACTERS = 4
_EDITS_MAX = 3


def near(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` was probably meant to be, None where none is near.

    Near is what differs by case, by one edit, or by at most three where names are long: a character left out,
    put in, changed, or two changed about. Failing that, the only one that ends or begins with the other, up
    to a hyphen (`backend-flask` for `cruddur-dev-backend-flask`), or ends with one that is near
    (`backend-flash` for the same). A name that is among `names` was meant itself: None. What is longer than
    X-Ray lets a name be is none that anybody meant, and is near to nothing.
    """
    known = [one for one in dict.fromkeys(names) if len(one) <= SEGMENT_NAME_MAX_CHARACTERS]
    if not name or name in known or len(name) > SEGMENT_NAME_MAX_CHARACTERS:
        return None
    folded = name.casefold()
    best, fewest = None, _EDITS_MAX + 1
    for one in known:
        number = edits(folded, one.casefold())
        if number <= _allowed(name, one) and number < fewest:
            best, fewest = one, number
    if best is not None:
        return best
    for is_meant in (_is_part, _ends_near):
        meant = [one for one in known if is_meant(folded, one.casefold())]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


def edits(one: str, other: str) -> int:
    """Return how many edits lead from one text to the other, no character being edited twice."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, sign in enumerate(one, start=1):
        following = [place]
        for at, compared in enumerate(other, start=1):
            number = min(row[at] + 1, following[at - 1] + 1, row[at - 1] + (sign != compared))
            is_swapped = place > 1 and at > 1 and sign == other[at - 2] and compared == one[place - 2]
            following.append(min(number, before[at - 2] + 1) if is_swapped else number)
        before, row = row, following
    return row[-1]


def _allowed(one: str, other: str) -> int:
    return max(1, min(_EDITS_MAX, min(len(one), len(other)) // _EDITS_PER_CHARACTERS))


def _is_part(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and (long.endswith(f"-{short}") or long.startswith(f"{short}-"))


def _ends_near(name: str, other: str) -> bool:
    ends = [other[at + 1 :] for at, sign in enumerate(other) if sign == "-"]
    likely = [end for end in ends if abs(len(end) - len(name)) <= _EDITS_MAX]
    return any(len(end) > _EDITS_PER_CHARACTERS and edits(name, end) <= _allowed(name, end) for end in likely)
