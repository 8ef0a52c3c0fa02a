"""The array behind `rootcause.json`, from lark's syntax tree to patterns."""

from __future__ import annotations

import json
import math
from typing import TypeGuard

from lark import Token, Tree

from xray.filters.cause_json import ACCOUNT_ID_DIGITS, MEMBERS, Pattern, Shape, Value, member_of
from xray.filters.errors import FilterError, refusal, shown

PATTERNS_MAX = 100
"""How many different root causes one `rootcause.json` may ask for."""

Syntax = Tree[Token]


def patterns(text: str, before: Token, array: Syntax) -> tuple[Pattern, ...]:
    """Return the different root causes that an array gives.

    Raises FilterError; one of no root cause, or of more than PATTERNS_MAX, is placed behind `before`.
    """
    found = tuple(dict.fromkeys(_Reader(text).objects(array, Shape.CAUSES, before)))
    if not found:
        raise _error(text, before, "an empty list matches nothing, expected one root cause or more")
    if len(found) > PATTERNS_MAX:
        raise _error(text, before, f"{len(found)} different root causes, expected {PATTERNS_MAX} at the most")
    return found


class _Reader:
    """Reads from one text, which errors quote."""

    def __init__(self, text: str) -> None:
        self._text = text

    def objects(self, value: object, shape: Shape, before: Token) -> tuple[Pattern, ...]:
        if not _is(value, "json_array"):
            raise self._unexpected(value, shape, before)
        parts = [part for part in value.children if part is not None]
        return tuple(self._object(part, shape, before) for part in parts)

    def _object(self, value: object, shape: Shape, before: Token) -> Pattern:
        if not _is(value, "json_object"):
            raise _error(self._text, _first(value, before), f"expected {{...}} in {shape.value}")
        found: dict[str, Value] = {}
        for part in value.children:
            if part is None:
                continue
            assert isinstance(part, Tree)  # noqa: S101 - the grammar has it
            key, inner = part.children
            assert isinstance(key, Token)  # noqa: S101 - the grammar has it
            name = self._text_of(key)
            try:
                member = member_of(shape, name)
            except KeyError:
                names = ", ".join(known.name for known in MEMBERS[shape])
                why = f"'{shown(name)}' is unknown in {shape.value}, expected {names}"
                raise _error(self._text, key, why) from None
            if name in found:
                raise _error(self._text, key, f"'{name}' is given twice, expected once")
            found[name] = self._value(inner, member.shape, key)
        given = (member.name for member in MEMBERS[shape] if member.name in found)
        return Pattern(tuple((name, found[name]) for name in given))

    def _value(self, value: object, shape: Shape, before: Token) -> Value:
        if shape in MEMBERS:
            return self.objects(value, shape, before)
        if shape is Shape.TEXTS and _is(value, "json_array"):
            return tuple(self._in_list(part, before) for part in value.children if part is not None)
        if isinstance(value, Token):
            match value.type, shape:
                case "STRING", Shape.TEXT | Shape.NULLABLE_TEXT | Shape.ACCOUNT:
                    return self._text_of(value)
                case "NULL", Shape.NULLABLE_TEXT | Shape.ACCOUNT:
                    return None
                case "NUMBER", Shape.NUMBER if math.isfinite(float(value)):
                    return float(value)
                case "NUMBER", Shape.ACCOUNT if value.isdigit() and len(value) <= ACCOUNT_ID_DIGITS:
                    return value.zfill(ACCOUNT_ID_DIGITS)
                case "BOOLEAN", Shape.BOOLEAN:
                    return value.lower() == "true"
        raise self._unexpected(value, shape, before)

    def _in_list(self, value: object, before: Token) -> str:
        if isinstance(value, Token) and value.type == "STRING":
            return self._text_of(value)
        raise self._unexpected(value, Shape.TEXTS, before)

    def _text_of(self, token: Token) -> str:
        try:
            value = json.loads(token)
        except ValueError:
            raise _error(
                self._text, token, "no JSON text, expected JSON's escapes and no line breaks"
            ) from None
        assert isinstance(value, str)  # noqa: S101 - it begins with a quote
        if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value):
            raise _error(
                self._text, token, "NUL and halves of surrogate pairs can't be compared, leave them out"
            )
        return value

    def _unexpected(self, value: object, shape: Shape, before: Token) -> FilterError:
        return _error(self._text, _first(value, before), f"expected {shape.value}")


def _is(value: object, kind: str) -> TypeGuard[Syntax]:
    return isinstance(value, Tree) and value.data == kind


def _first(value: object, before: Token) -> Token:
    """Return the first token of a value, or the one before where it has none, as `[]`."""
    while isinstance(value, Tree):
        value = next((child for child in value.children if child is not None), None)
    return value if isinstance(value, Token) else before


def _error(text: str, token: Token, why: str) -> FilterError:
    return refusal(text, token.start_pos or 0, why)
