"""Three ways of one thing, and which of them differ. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

ASKED, AWS, LOADED = "asked for", "AWS", "loaded"
NAMES_SHOWN = 6


@dataclass(frozen=True)
class Cell:
    """One way: *shown* is for people, *value* is compared. Without a value nothing is known of this way."""

    shown: str
    value: Hashable = None
    is_known: bool = True


NOT_ASKED = Cell("(not asked for)", is_known=False)
NONE = Cell("(none)")
NOT_TOLD = Cell("(too long to be told)", "too long to be told")


@dataclass(frozen=True)
class Row:
    """One thing: as asked for, as AWS has it, and by worker as loaded."""

    what: str
    asked: Cell
    aws: Cell
    loaded: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def is_applied(self) -> bool:
        """Tell whether AWS has what is asked for; so too where either isn't known."""
        return _same(self.asked, self.aws)

    def stale(self) -> list[str]:
        """Return the workers that loaded something else than AWS has."""
        return [name for name, cell in self.loaded.items() if not _same(self.aws, cell)]

    def unlike_asked(self) -> list[str]:
        """Return the workers that loaded something else than what is asked for."""
        return [name for name, cell in self.loaded.items() if not _same(self.asked, cell)]

    @property
    def is_uninvited(self) -> bool:
        """Tell whether it should not be there: nobody asked for it, and it counts."""
        return self.asked.is_known and self.asked.shown == NOT_ASKED.shown

    @property
    def drift(self) -> str:
        """Return which ways differ from which; empty where none do."""
        pairs = [] if self.is_applied else [f"{ASKED}/{AWS}"]
        for first, workers in ((AWS, self.stale()), (ASKED, self.unlike_asked())):
            if workers:
                whose = "" if len(workers) == len(self.loaded) else f" ({listed(workers)})"
                pairs.append(f"{first}/{LOADED}{whose}")
        return ", ".join(pairs)

    @property
    def loaded_shown(self) -> str:
        """Return what was loaded; where workers differ, what by whom."""
        by_text: dict[str, list[str]] = {}
        for name, cell in self.loaded.items():
            by_text.setdefault(cell.shown, []).append(name)
        if len(by_text) == 1:
            return next(iter(by_text))
        return "; ".join(f"{text} in {listed(names)}" for text, names in sorted(by_text.items()))


def listed(names: Sequence[str]) -> str:
    """Return *names*, the first few of them where they are many."""
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _same(one: Cell, other: Cell) -> bool:
    return not (one.is_known and other.is_known) or one.value == other.value
