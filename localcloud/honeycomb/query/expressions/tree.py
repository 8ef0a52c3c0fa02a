"""What an expression says."""

from collections.abc import Iterator
from dataclasses import dataclass

from localcloud.honeycomb.query.model import Scalar


@dataclass(frozen=True, slots=True)
class Literal:
    """A value; None for null."""

    value: Scalar | None
    position: int

    @property
    def depth(self) -> int:
        """Return how many levels there are."""
        return 1

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns in it."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Column:
    """The value of an event's field."""

    name: str
    position: int

    @property
    def depth(self) -> int:
        """Return how many levels there are."""
        return 1

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns in it."""
        yield self.name


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments; operators are functions too."""

    function: str
    arguments: tuple["Tree", ...]
    position: int
    depth: int

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns in it."""
        for argument in self.arguments:
            yield from argument.columns()


Tree = Literal | Column | Call
