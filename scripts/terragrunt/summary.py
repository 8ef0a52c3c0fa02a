"""The summary line of a run: what each unit gets, alike ones together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.terragrunt.log import Changes

_PLANNED = ("to import", "to add", "to change", "to destroy")
_DONE = ("imported", "added", "changed", "destroyed")


def planned(units: Iterable[str], changes: Mapping[str, Changes]) -> str:
    """Return what a plan found, as in ``2 to add in xray; no changes in honeycomb``."""
    return _grouped(units, changes, _PLANNED)


def done(units: Iterable[str], changes: Mapping[str, Changes]) -> str:
    """Return what an apply or a destroy did, as in ``2 added in xray; no changes in honeycomb``."""
    return _grouped(units, changes, _DONE)


def _grouped(units: Iterable[str], changes: Mapping[str, Changes], words: tuple[str, ...]) -> str:
    groups: dict[str, list[str]] = {}
    for unit in units:
        groups.setdefault(_worded(changes.get(unit), words), []).append(unit)
    return "; ".join(f"{text} in {', '.join(names)}" for text, names in groups.items())


def _worded(changes: Changes | None, words: tuple[str, ...]) -> str:
    if changes is None:
        return "done"
    numbers = (changes.imported, changes.added, changes.changed, changes.destroyed)
    said = [f"{number} {word}" for number, word in zip(numbers, words, strict=True) if number]
    return ", ".join(said) or "no changes"
