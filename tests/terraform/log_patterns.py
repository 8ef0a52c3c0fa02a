"""CloudWatch's filter patterns, as far as the stacks use them: what they mean for a line of the log.

Source: CloudWatch Logs user guide, "Filter pattern syntax": a JSON pattern compares fields of a line that is
JSON, numbers with numbers alone, texts with ``*`` at either end; a quoted term is looked for in any line.
"""

from __future__ import annotations

import json
import operator
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_TERM = re.compile(r'^"([^"\\]+)"$')
_COMPARISON = re.compile(r'^\$((?:\.[A-Za-z_]+)+) (=|>) (?:"([^"\\]*)"|(-?\d+))$')
_NUMBERS: dict[str, Callable[[Any, Any], bool]] = {"=": operator.eq, ">": operator.gt}


def matches(pattern: str, line: str) -> bool:
    """Tell whether *line* is taken by *pattern*. Raises ValueError for a pattern that isn't known here."""
    term = _TERM.match(pattern)
    if term:
        return term[1] in line
    if not (pattern.startswith("{ ") and pattern.endswith(" }")):
        raise ValueError(f"{pattern!r} is neither a quoted term nor a JSON pattern")
    comparisons = [_compared(part, _document(line)) for part in pattern[2:-2].split(" && ")]
    return all(comparisons)


def value(selector: str, line: str) -> float:
    """Return what the metric gets of a line that matches: a number as it stands, or a field's."""
    if not selector.startswith("$"):
        return float(selector)
    found = _field(_document(line), selector[1:])
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise TypeError(f"{selector} of the line is {found!r}, expected a number")
    return float(found)


def _document(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _compared(text: str, document: Any) -> bool:
    parts = _COMPARISON.match(text)
    if not parts:
        raise ValueError(f"{text!r} is no comparison that is known here")
    path, sign, expected, number = parts.groups()
    found = _field(document, path)
    if number is not None:
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return is_number and _NUMBERS[sign](found, int(number))
    if sign != "=" or "*" in expected.strip("*"):
        raise ValueError(f"{text!r}: a text is compared by =, and has * at its ends alone")
    wanted = ".*".join(re.escape(part) for part in expected.split("*"))
    return isinstance(found, str) and re.fullmatch(wanted, found, re.DOTALL) is not None


def _field(document: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        if not isinstance(document, dict) or name not in document:
            return None
        document = document[name]
    return document
