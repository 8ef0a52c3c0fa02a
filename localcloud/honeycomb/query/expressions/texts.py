"""Functions of texts, as SQL. Regular expressions are RE2's, which Go's are too."""

from collections.abc import Callable, Sequence

from localcloud.honeycomb.query.expressions.tree import Literal, Tree
from localcloud.honeycomb.query.values import WHOLE_BELOW, Bind, Value

Function = Callable[[Sequence[Value], Sequence[Tree], Bind], Value]


def number_text(sql: str) -> str:
    """Return SQL for a number as text: whole ones without a point, as Go writes them."""
    whole = f"{sql} = trunc({sql}) AND abs({sql}) < {WHOLE_BELOW!r}"
    return f"CASE WHEN {whole} THEN {sql}::HUGEINT::VARCHAR ELSE {sql}::VARCHAR END"


def _string(value: Value) -> str:
    """Return SQL for a value as text, NULL where there is none."""
    parts = [] if value.text is None else [value.text]
    if value.real is not None:
        parts.append(number_text(value.real))
    if value.flag is not None:
        parts.append(f"CASE WHEN {value.flag} THEN 'true' WHEN NOT {value.flag} THEN 'false' END")
    return f"coalesce({', '.join(parts)})" if parts else "NULL::VARCHAR"


def _concatenated(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
    return Value(text=f"concat({', '.join(_string(value) for value in values)})")


def _cast(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
    return Value(text=f"coalesce({_string(values[0])}, '')")


def _lowered(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
    return Value() if values[0].text is None else Value(text=f"lower({values[0].text})")


def _has(function: str) -> Function:
    def compiled(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
        text, part = values[0].text, values[1].text
        if text is None or part is None:
            return Value(flag="false")
        return Value(flag=f"coalesce({function}({text}, {part}), false)")

    return compiled


def _length(values: Sequence[Value], trees: Sequence[Tree], _bind: Bind) -> Value:
    """Return the length in characters, or in bytes where the second argument is the text `bytes`."""
    text = values[0].text
    if text is None:
        return Value()
    in_bytes = len(trees) > 1 and isinstance(trees[1], Literal) and trees[1].value == "bytes"
    return Value(real=f"{'strlen' if in_bytes else 'length'}({text})::DOUBLE")


def _matches(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
    if values[0].text is None:
        return Value(flag="false")
    return Value(flag=f"coalesce(regexp_matches({values[0].text}, {values[1].text}), false)")


def _found(values: Sequence[Value], trees: Sequence[Tree], _bind: Bind) -> Value:
    """Return what the pattern's first group matched, or all of it where it has none."""
    text, pattern = values[0].text, values[1].text
    if text is None:
        return Value()
    tree = trees[1]
    group = 1 if isinstance(tree, Literal) and _has_group(str(tree.value)) else 0
    found = f"regexp_extract({text}, {pattern}, {group})"
    return Value(text=f"CASE WHEN regexp_matches({text}, {pattern}) THEN {found} END")


def _counted(values: Sequence[Value], _trees: Sequence[Tree], _bind: Bind) -> Value:
    text, pattern = values[0].text, values[1].text
    return Value() if text is None else Value(real=f"len(regexp_extract_all({text}, {pattern}))::DOUBLE")


def _has_group(pattern: str) -> bool:
    """Whether a pattern has a group that captures: `(`, but not in a class, and not `(?:` or flags."""
    position = 0
    in_class = False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
            if pattern[position + 1 : position + 2] == "^":
                position += 1
            if pattern[position + 1 : position + 2] == "]":
                position += 1
        elif character == "(":
            following = pattern[position + 1 : position + 3]
            if not following.startswith("?") or following in ("?P", "?<"):
                return True
        position += 1
    return False


FUNCTIONS: dict[str, Function] = {
    "CONCAT": _concatenated,
    "STRING": _cast,
    "TO_LOWER": _lowered,
    "STARTS_WITH": _has("starts_with"),
    "ENDS_WITH": _has("suffix"),
    "CONTAINS": _has("contains"),
    "LENGTH": _length,
    "REG_MATCH": _matches,
    "REG_VALUE": _found,
    "REG_COUNT": _counted,
}
