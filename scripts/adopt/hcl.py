"""Values as HCL text in its standard form, so that ``terragrunt hcl fmt`` has nothing to change.

Source: HCL native syntax specification, "Template Expressions", "Quoted Literals".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARKER = re.compile(r"[$%]\{")
_INDENT = "  "


def quoted(text: str) -> str:
    """Return *text* as a quoted literal that stands for exactly it: nothing in it is a template."""
    return f'"{"".join(_pieces(text))}"'


def _pieces(text: str) -> list[str]:
    pieces = []
    for place, one in enumerate(text):
        if one in _ESCAPES:
            pieces.append(_ESCAPES[one])
        elif one in "$%" and text[place + 1 : place + 2] == "{":
            # Doubled is literal; behind another of its kind, where that would be read in two ways, by number.
            before = text[place - 1 : place]
            pieces.append(f"\\u{ord(one):04x}" if before == one else one * 2)
        elif one.isprintable() or one == " ":
            pieces.append(one)
        else:
            number = ord(one)
            pieces.append(f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")
    return pieces


def has_template(value: Any) -> bool:
    """Tell whether ``${`` or ``%{`` is in any text of *value*.

    Terragrunt hands nested inputs on as text that Terraform reads as an expression, without escaping them
    (seen with 1.1.3); plain texts are handed on as they are.
    """
    if isinstance(value, str):
        return _MARKER.search(value) is not None
    if isinstance(value, Mapping):
        return any(has_template(one) for pair in value.items() for one in pair)
    return False


def body(values: Mapping[str, Any], *, depth: int = 1) -> str:
    """Return *values* as lines ``name = value``, *depth* levels in.

    Values are None, booleans, numbers, texts, lists of texts, and mappings of such. Neighbours on single
    lines have their equals signs below each other.
    """
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for name, value in values.items():
        key = name if _IDENTIFIER.fullmatch(name) else quoted(name)
        if isinstance(value, Mapping) and value:
            lines += _aligned(run, depth)
            run = []
            lines += [f"{_INDENT * depth}{key} = {{", body(value, depth=depth + 1), f"{_INDENT * depth}}}"]
        else:
            run.append((key, _scalar(value)))
    return "\n".join([*lines, *_aligned(run, depth)])


def _aligned(run: list[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(key) for key, _ in run), default=0)
    return [f"{_INDENT * depth}{key.ljust(width)} = {value}" for key, value in run]


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list):
        return f"[{', '.join(quoted(one) for one in value)}]"
    return quoted(value)
