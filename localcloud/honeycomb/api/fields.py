"""Reads the members of a JSON body, and notes every problem before the request is refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.query.errors import INCORRECT_TYPE, INVALID, MISSING, Problem

Item = TypeVar("Item")
_CANNOT_BE_BLANK = "cannot be blank"
_SHOWN_MAX_CHARACTERS = 100


class Members:
    """One object of a body. Null stands for a member that isn't there; unknown members are passed over."""

    def __init__(self, members: Mapping[str, Any], path: str, noted: list[Problem]) -> None:
        self._members = members
        self._path = path
        self._noted = noted

    @classmethod
    def of(cls, document: object) -> "Members":
        """Return the reader of a body.

        Raises:
            ApiError: the body is no object (400).
        """
        if not isinstance(document, dict):
            raise problems.unparseable()
        return cls(document, "", [])

    def check(self) -> None:
        """Raise ApiError (422) where anything was noted."""
        if self._noted:
            raise problems.invalid(self._noted)

    def note(self, name: str, code: str, description: str) -> None:
        """Note a problem of the member `name`."""
        self._noted.append(Problem(f"{self._path}{name}"[:_SHOWN_MAX_CHARACTERS], code, description))

    def has(self, name: str) -> bool:
        """Whether the member is there."""
        return self._members.get(name) is not None

    def text(self, name: str, most: int, *, required: bool = False, default: str = "") -> str:
        """Return a text of at most `most` characters; one that is required isn't empty."""
        value = self._members.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.note(name, MISSING, _CANNOT_BE_BLANK)
            return default if value is None else ""
        if not isinstance(value, str):
            self.note(name, INCORRECT_TYPE, "must be a string")
            return default
        if len(value) > most:
            self.note(name, INVALID, f"must be at most {most} characters")
        return value

    def choice(self, name: str, among: Sequence[str], *, default: str | None = None) -> str:
        """Return one of `among`; it is required where there is no default."""
        value = self._members.get(name)
        if value is None:
            if default is None:
                self.note(name, MISSING, _CANNOT_BE_BLANK)
                return ""
            return default
        if not isinstance(value, str):
            self.note(name, INCORRECT_TYPE, "must be a string")
            return ""
        if value not in among:
            self.note(name, INVALID, f"must be one of {', '.join(among)}")
        return value

    def whole(self, name: str, least: int, most: int, *, default: int | None = None) -> int | None:
        """Return a whole number from `least` to `most`."""
        value = self._members.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(name, INCORRECT_TYPE, "must be an integer")
            return default
        if not least <= value <= most:
            self.note(name, INVALID, f"must be from {least} to {most}")
            return default
        return value

    def number(self, name: str) -> int | float:
        """Return a number, which is required."""
        value = self._members.get(name)
        if value is None:
            self.note(name, MISSING, _CANNOT_BE_BLANK)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return value
        else:
            self.note(name, INCORRECT_TYPE, "must be a number")
        return 0

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._members.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.note(name, INCORRECT_TYPE, "must be a boolean")
            return default
        return value

    def object(self, name: str, *, required: bool = False) -> "Members":
        """Return the reader of an object; of an empty one where it isn't there."""
        value = self._members.get(name)
        if value is None:
            if required:
                self.note(name, MISSING, _CANNOT_BE_BLANK)
            value = {}
        elif not isinstance(value, dict):
            self.note(name, INCORRECT_TYPE, "must be an object")
            value = {}
        return Members(value, f"{self._path}{name}.", self._noted)

    def objects(self, name: str, most: int, read: Callable[["Members"], Item]) -> list[Item]:
        """Return what `read` makes of each object of a list of at most `most`."""
        value = self._members.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(name, INCORRECT_TYPE, "must be an array")
            return []
        if len(value) > most:
            self.note(name, INVALID, f"must have at most {most} items")
            return []
        found = []
        for index, item in enumerate(value):
            if isinstance(item, dict):
                found.append(read(Members(item, f"{self._path}{name}[{index}].", self._noted)))
            else:
                self.note(f"{name}[{index}]", INCORRECT_TYPE, "must be an object")
        return found
