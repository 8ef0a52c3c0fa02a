"""Readers for the members of a JSON document, which note what is wrong and go on."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from localcloud.honeycomb.numbers import is_integer
from localcloud.honeycomb.query.errors import INCORRECT_TYPE, INVALID, MISSING, Problem
from localcloud.honeycomb.query.model import Scalar

ITEMS_MAX = 100
TEXT_MAX_CHARACTERS = 65_536
SAFE_INTEGER_MAX = 2**53
Item = TypeVar("Item")


class Reader:
    """Reads one object of a document; all readers of a document note problems in one list."""

    def __init__(self, members: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
        self._members = members
        self._path = path
        self._problems = problems

    @property
    def problems(self) -> int:
        """How many problems the whole document has so far."""
        return len(self._problems)

    def note(self, member: str, code: str, description: str) -> None:
        """Note that `member` is wrong; the description names it, as Honeycomb's do."""
        field = f"{self._path}.{member}" if self._path and member else self._path or member
        self._problems.append(Problem(field, code, f"{field}: {description}"))

    def has(self, member: str) -> bool:
        """Whether `member` is there and not null."""
        return self._members.get(member) is not None

    def known(self, names: Iterable[str], unsupported: Mapping[str, str]) -> None:
        """Note members that are none of `names`; `unsupported` says why some aren't."""
        for member in self._members:
            if member in unsupported:
                self.note(member, INVALID, unsupported[member])
            elif member not in names:
                self.note(_shown(member), INVALID, f"unknown member; expected one of {', '.join(names)}")

    def text(self, member: str, *, required: bool = False) -> str | None:
        """Return a text that isn't empty, or None after a note or where there is none."""
        value = self._get(member, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.note(member, INCORRECT_TYPE, "expected a string")
        elif not is_text(value):
            self.note(member, INVALID, "expected 1 to 65,536 characters of Unicode text")
        else:
            return value
        return None

    def choice(self, member: str, among: Sequence[str], *, required: bool = False) -> str | None:
        """Return one of `among`, or None after a note or where there is none."""
        value = self._get(member, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.note(member, INCORRECT_TYPE, "expected a string")
        elif value not in among:
            self.note(member, INVALID, f"must be one of {', '.join(among)}")
        else:
            return value
        return None

    def integer(self, member: str, least: int, most: int) -> int | None:
        """Return a whole number from `least` to `most`, or None after a note or where there is none."""
        value = self._get(member, required=False)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(member, INCORRECT_TYPE, "expected an integer")
        elif not least <= value <= most:
            self.note(member, INVALID, f"must be between {least} and {most}")
        else:
            return value
        return None

    def number(self, member: str) -> int | float | None:
        """Return a finite number, or None after a note."""
        value = self._get(member, required=True)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.note(member, INCORRECT_TYPE, "expected a number")
        elif (finite := finite_number(value)) is None:
            self.note(member, INVALID, "expected a number that a 64-bit float can hold")
        else:
            return finite
        return None

    def flag(self, member: str) -> bool:
        """Return a boolean, false where there is none."""
        value = self._get(member, required=False)
        if value is not None and not isinstance(value, bool):
            self.note(member, INCORRECT_TYPE, "expected a boolean")
        return value is True

    def value(self, member: str) -> Any:
        """Return the member as it is, None where there is none."""
        return self._members.get(member)

    def objects(self, member: str, read: Callable[["Reader"], Item | None]) -> tuple[Item, ...]:
        """Return what `read` makes of each object in a list of at most 100."""
        items = []
        for index, value in enumerate(self._list(member)):
            path = f"{member}[{index}]"
            if isinstance(value, dict):
                item = read(Reader(value, path, self._problems))
                if item is not None:
                    items.append(item)
            else:
                self.note(path, INCORRECT_TYPE, "expected an object")
        return tuple(items)

    def texts(self, member: str) -> tuple[str, ...]:
        """Return a list of at most 100 texts."""
        texts = []
        for index, value in enumerate(self._list(member)):
            if not isinstance(value, str):
                self.note(f"{member}[{index}]", INCORRECT_TYPE, "expected a string")
            elif not is_text(value):
                self.note(f"{member}[{index}]", INVALID, "expected 1 to 65,536 characters of Unicode text")
            else:
                texts.append(value)
        return tuple(texts)

    def _list(self, member: str) -> Sequence[Any]:
        value = self._get(member, required=False)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.note(member, INCORRECT_TYPE, "expected an array")
            return ()
        if len(value) > ITEMS_MAX:
            self.note(member, INVALID, f"must have at most {ITEMS_MAX} items")
            return ()
        return value

    def _get(self, member: str, *, required: bool) -> Any:
        value = self._members.get(member)
        if value is None and required:
            self.note(member, MISSING, "is required")
        return value


def is_text(value: str) -> bool:
    """Whether `value` can be a name or a text to look for: not empty, not too long, no lone surrogates."""
    if not 0 < len(value) <= TEXT_MAX_CHARACTERS:
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def finite_number(value: int | float) -> int | float | None:
    """Return `value`, as a float where it is no 64-bit integer; None where it is beyond floats too."""
    if isinstance(value, int):
        if is_integer(value):
            return value
        try:
            value = float(value)
        except OverflowError:
            return None
    return value if math.isfinite(value) else None


def scalar(value: object) -> Scalar | None:
    """Return `value` where it may stand in a filter: text (also an empty one), boolean, finite number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value == "" or is_text(value) else None
    if isinstance(value, int | float):
        return finite_number(value)
    return None


def _shown(member: str) -> str:
    """Return a member's name short enough, and fit, for a message."""
    return member[:100].encode(errors="replace").decode()
