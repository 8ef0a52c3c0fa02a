"""Expressions, from text to tree."""

from localcloud.honeycomb.numbers import is_integer
from localcloud.honeycomb.query.expressions.errors import ExpressionError
from localcloud.honeycomb.query.expressions.functions import (
    ARGUMENTS,
    MANY,
    NOT_COMPUTED,
    OPERATORS,
    PATTERNS,
)
from localcloud.honeycomb.query.expressions.patterns import check_pattern
from localcloud.honeycomb.query.expressions.tokens import Token, tokens
from localcloud.honeycomb.query.expressions.tree import Call, Column, Literal, Tree
from localcloud.honeycomb.query.reading import finite_number

DEPTH_MAX = 100
_NOT_BINDS = 9
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse(expression: str) -> Tree:
    """Return what `expression` says.

    Raises:
        ExpressionError: it isn't one; it is nested more than 100 deep; or it has a function that doesn't
            exist, isn't computed here, or takes other arguments.
    """
    parser = _Parser(expression)
    tree = parser.expression(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens = list(tokens(expression))
        self._next = 0
        self._depth = 0

    def expression(self, binds: int) -> Tree:
        """Read an expression whose operators bind tighter than `binds`."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise ExpressionError(f"nested more than {DEPTH_MAX} deep", self._token.position)
        left = self._operand()
        while self._token.kind in ("symbol", "name") and self._token.text in OPERATORS:
            function, tightness = OPERATORS[self._token.text]
            if tightness <= binds:
                break
            token = self._take()
            right = self.expression(tightness)
            if function == "NOT EQUALS":
                left = self._call("NOT", (self._call("EQUALS", (left, right), token),), token)
            else:
                left = self._call(function, (left, right), token)
        self._depth -= 1
        return left

    def expect_end(self) -> None:
        """Raise ExpressionError where there is something left."""
        if self._token.kind != "end":
            raise ExpressionError(f"unexpected {self._token.text!r}, expected the end", self._token.position)

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _operand(self) -> Tree:
        token = self._take()
        match token.kind, token.text:
            case "column", name:
                if not name:
                    raise ExpressionError("a column without a name", token.position)
                return Column(name, token.position)
            case "text", text:
                return Literal(text, token.position)
            case "number", digits:
                return _number(digits, token)
            case "symbol", "-" if self._token.kind == "number":
                return _number(f"-{self._take().text}", token)
            case "symbol", "!":
                return self._call("NOT", (self.expression(_NOT_BINDS),), token)
            case "symbol", "(":
                inner = self.expression(0)
                self._expect(")")
                return inner
            case "name", word if word in _WORDS:
                return Literal(_WORDS[word], token.position)
            case "name", function:
                return self._function(function, token)
            case "end", _:
                raise ExpressionError("unexpected end, expected a value", token.position)
        raise ExpressionError(f"unexpected {token.text!r}, expected a value", token.position)

    def _function(self, name: str, token: Token) -> Tree:
        self._expect("(")
        arguments: list[Tree] = []
        while self._token.text != ")" or self._token.kind != "symbol":
            arguments.append(self.expression(0))
            if self._token.text != ",":
                break
            self._take()
        self._expect(")")
        return self._call(name, tuple(arguments), token)

    def _expect(self, symbol: str) -> None:
        token = self._take()
        if (token.kind, token.text) != ("symbol", symbol):
            found = repr(token.text) if token.kind != "end" else "end"
            self._next -= 1
            raise ExpressionError(f"unexpected {found}, expected {symbol!r}", token.position)

    def _call(self, name: str, arguments: tuple[Tree, ...], token: Token) -> Call:
        if name in NOT_COMPUTED:
            raise ExpressionError(f"{name} is not computed by the local Honeycomb", token.position)
        if name not in ARGUMENTS:
            raise ExpressionError(f"invalid function: {name}", token.position)
        least, most = ARGUMENTS[name]
        if not least <= len(arguments) <= most:
            expected = (
                f"{least}" if least == most else f"{least} or more" if most == MANY else f"{least} to {most}"
            )
            raise ExpressionError(f"{name} takes {expected} arguments, not {len(arguments)}", token.position)
        if name in PATTERNS and not _is_text(arguments[1]):
            raise ExpressionError(f"{name} takes a string as its second argument", token.position)
        if name in PATTERNS:
            check_pattern(arguments[1])
        if name == "SWITCH" and not all(map(_is_text, arguments[1:-1:2])):
            raise ExpressionError("SWITCH takes strings as its cases", token.position)
        depth = 1 + max((argument.depth for argument in arguments), default=0)
        if depth > DEPTH_MAX:
            raise ExpressionError(f"nested more than {DEPTH_MAX} deep", token.position)
        return Call(name, arguments, token.position, depth)


def _is_text(tree: Tree) -> bool:
    return isinstance(tree, Literal) and isinstance(tree.value, str)


def _number(digits: str, token: Token) -> Literal:
    if digits.lstrip("-").isdecimal() and len(digits) <= 20 and is_integer(int(digits)):
        return Literal(int(digits), token.position)
    number = finite_number(float(digits))
    if number is None:
        raise ExpressionError(f"{digits} is greater than a 64-bit float can hold", token.position)
    return Literal(number, token.position)
