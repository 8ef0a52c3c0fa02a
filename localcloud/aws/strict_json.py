"""JSON as AWS's own parsers take it: no NaN, no Infinity, integers of 64 bits."""

import json
import math
import re
from typing import Any

_LONG_MAX = (1 << 63) - 1
_BRACKET_OR_STRING = re.compile(rb'[\[{\]}]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def loads(text: str | bytes) -> Any:
    """Return what the JSON text says.

    Raises:
        ValueError: it isn't JSON, holds a number that no client could read back, or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_int=_integer, parse_float=_float)
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def depth_exceeds(text: bytes, limit: int) -> bool:
    """Tell whether arrays and objects are nested deeper than `limit`; of what isn't JSON, anything."""
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    depth = 0
    for bracket in _BRACKET_OR_STRING.findall(text):
        if bracket in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif bracket in b"]}":
            depth -= 1
    return False


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _integer(text: str) -> int:
    number = int(text)
    if abs(number) > _LONG_MAX:
        raise ValueError(f"{text[:30]} doesn't fit in 64 bits")
    return number


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:30]} is too large")
    return number
