"""Pieces of SQL with their values apart: text comes from this package and `xray.filters` alone."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol


class Fragment(Protocol):
    """SQL with a `?` for each of its parameters, in their order."""

    @property
    def text(self) -> str: ...  # noqa: D102

    @property
    def parameters(self) -> Iterable[Any]: ...  # noqa: D102


class Sql(NamedTuple):
    """A piece of SQL and its values."""

    text: str
    parameters: tuple[Any, ...] = ()


def all_of(fragments: Iterable[Fragment]) -> Sql:
    """Return the condition that all of these hold."""
    return _joined(" AND ", fragments, "true")


def any_of(fragments: Iterable[Fragment]) -> Sql:
    """Return the condition that one of these holds."""
    return _joined(" OR ", fragments, "false")


def _joined(operator: str, fragments: Iterable[Fragment], empty: str) -> Sql:
    found = list(fragments)
    text = operator.join(f"({fragment.text})" for fragment in found) or empty
    return Sql(text, tuple(value for fragment in found for value in fragment.parameters))
