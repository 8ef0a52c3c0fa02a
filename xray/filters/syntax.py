"""Text to lark's syntax tree. The parser is made when it is first needed, once for all threads."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from xray.filters.errors import FilterError, listed, refusal, shown
from xray.filters.keys import IDENTITY_KEYS, KINDS, CauseKind, CausePart, GroupKey, Kind, Operator

_KEY_TYPES = {Kind.BOOLEAN: "BOOLEAN_KEY", Kind.NUMBER: "NUMBER_KEY", Kind.TEXT: "TEXT_KEY"}

WORDS: dict[str, str] = {
    **{key: _KEY_TYPES[kind] for key, kind in KINDS.items()},
    **dict.fromkeys(IDENTITY_KEYS, "IDENTITY_KEY"),
    **dict.fromkeys(GroupKey, "GROUP_KEY"),
    **{f"rootcause.{kind}.{part}": "ROOT_CAUSE" for kind in CauseKind for part in CausePart},
    **{
        operator.lower(): "TEXT_OPERATOR"
        for operator in (Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH)
    },
    "rootcause.json": "ROOT_CAUSE_JSON",
    "service": "SERVICE",
    "edge": "EDGE",
    "id": "ID",
    "and": "_AND",
    "or": "_OR",
    "true": "BOOLEAN",
    "false": "BOOLEAN",
    "null": "NULL",
}
"""The type of each word that the language knows; case doesn't count."""

CONDITION = "a condition"
_IN_WORDS = {
    "$END": ("the end",),
    "EQUAL": ("=",),
    "UNEQUAL": ("!=",),
    "ORDER": ("<", "<=", ">", ">="),
    "TEXT_OPERATOR": ("CONTAINS", "BEGINSWITH", "ENDSWITH"),
    "NUMBER": ("a number",),
    "STRING": ("a text in double quotes",),
    "BOOLEAN": ("true", "false"),
    "_AND": ("AND",),
    "_OR": ("OR",),
    "ID": ("id(...)",),
    "NULL": ("null",),
    "LPAR": ("(",),
    "RPAR": (")",),
    "LBRACE": ("{",),
    "RBRACE": ("}",),
    "LSQB": ("[",),
    "RSQB": ("]",),
    "COLON": (":",),
    "COMMA": (",",),
    "HASH": ("#",),
    "IDENTITY_KEY": ("name", "type", "account.id"),
}
_BEGIN_CONDITIONS = {
    *("BOOLEAN_KEY", "NUMBER_KEY", "TEXT_KEY", "ANNOTATION", "SERVICE", "EDGE"),
    *("ROOT_CAUSE", "ROOT_CAUSE_JSON", "GROUP_KEY", "_NOT"),
}
_ANNOTATION_FORMS = ("annotation.<key>", "annotation[<key>]")
_lock = Lock()


def read(text: str) -> Tree[Token]:
    """Return the syntax tree of an expression. Raises FilterError."""
    try:
        tree: Tree[Token] = _parser().parse(text, start="expression")
    except UnexpectedCharacters as error:
        raise _strange_character(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _strange_token(text, error.token, _accepted(text, error.token)) from None
    return tree


def _parser() -> Lark:
    with _lock:
        return _made()


@cache
def _made() -> Lark:
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(),
        start=["expression", "word"],
        parser="lalr",
        lexer="basic",
        lexer_callbacks={"WORD": _known},
    )


def _known(token: Token) -> Token:
    kind = WORDS.get(token.lower())
    if kind is not None:
        token.type = kind
    return token


def _accepted(text: str, refused: Token) -> set[str]:
    """Return the terminals that could have stood in the place of the refused token.

    What lark's error tells is too little: the parser has gone on as far as the refused token let it.
    """
    parser: Any = _parser().parse_interactive(text, start="expression")
    for token in parser.lexer_thread.lex(parser.parser_state):
        # At the end, the refused token has the place of the last one.
        if refused.type != "$END" and token.start_pos == refused.start_pos:
            break
        parser.feed_token(token)
    accepted: set[str] = parser.accepts()
    return accepted


def _strange_character(text: str, offset: int) -> FilterError:
    if text[offset] == '"':
        return refusal(text, len(text), "the text is not closed, expected '\"'", ('"',))
    if text[offset] in "0123456789+-.":
        return refusal(text, offset, "no number, expected one such as 5, 0.25 or 1e3", ("a number",))
    why = f"'{shown(text[offset])}' can't stand here outside of double quotes"
    return refusal(text, offset, why)


def _strange_token(text: str, token: Token, terminals: set[str]) -> FilterError:
    expected = _in_words(terminals)
    ends = token.type == "$END"
    offset = len(text) if ends or token.start_pos is None else token.start_pos
    if not ends and CONDITION in expected and token.type == "WORD":
        if token.lower().startswith("annotation"):
            return _strange_annotation(text, offset, token)
        return refusal(text, offset, f"there is no keyword '{shown(token)}'", expected)
    found = "the expression ends" if ends else f"found '{shown(token)}'"
    return refusal(text, offset, f"{found}, expected {listed(expected)}", expected)


def _strange_annotation(text: str, offset: int, token: Token) -> FilterError:
    key = token[len("annotation.") :]
    dots = f", a key with dots in brackets: annotation[{shown(key)}]" if "." in key.strip(".") else ""
    why = f"'{shown(token)}' names no annotation, expected {listed(_ANNOTATION_FORMS)}{dots}"
    return refusal(text, offset, why, _ANNOTATION_FORMS)


def _in_words(terminals: set[str]) -> tuple[str, ...]:
    rest = set(terminals)
    words: list[str] = []
    if not rest.isdisjoint(_BEGIN_CONDITIONS):
        rest -= _BEGIN_CONDITIONS | {"LPAR", "IDENTITY_KEY"}
        words.append(CONDITION)
    words += [word for name, said in _IN_WORDS.items() if name in rest for word in said]
    return tuple(words)
