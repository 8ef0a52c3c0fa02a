"""The names that an operator gives: which groups and rules they stand for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from xray.audit import near

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def parse(text: str) -> list[str]:
    """Return the names in *text*: separated by commas, or a JSON list where a name holds a comma.

    Raises OperatorError for what begins as a list and is none of texts.
    """
    if not text.strip().startswith("["):
        return [name for name in (part.strip() for part in text.split(",")) if name]
    try:
        names = json.loads(text)
    except ValueError as error:
        raise OperatorError(f"NAMES is no JSON list ({error})", remedy=_FORM) from error
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise OperatorError("NAMES is a JSON list, but not one of names", remedy=_FORM)
    return names


_FORM = """give names separated by commas, or NAMES='["one", "another"]'"""


def matches(given: Sequence[str], name: str) -> bool:
    """Tell whether one of *given* is *name*, or matches it as a pattern (``*`` any run, ``?`` one)."""
    return any(one == name or _pattern(one).fullmatch(name) for one in given)


def _pattern(text: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in text), re.DOTALL)


def require_known(given: Sequence[str], names: Collection[str]) -> None:
    """Raise OperatorError for the first of *given* that stands for none of *names*."""
    for one in given:
        if not any(matches([one], name) for name in names):
            meant = near(one, names)
            there = ", ".join(sorted(names)) or "none"
            remedy = f"NAMES={meant}?" if meant else f"use names that are there: {there}"
            raise OperatorError(f"X-Ray has no group and no sampling rule {one!r}", remedy=remedy)
