"""Where a segment keeps which field.

A field's values of one kind (text, integer, float, boolean) are a column of the segment's table if enough of
its events have one; what is rare is kept in one map for each event. So a table is never much larger than its
values, however many fields there are, and whatever a field holds is kept as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

FieldKey = tuple[str, str]
"""A field's name, and the kind of its values: t, i, f or b."""

KINDS = {str: "t", int: "i", float: "f", bool: "b"}
SQL_TYPES = {"t": "VARCHAR", "i": "BIGINT", "f": "DOUBLE", "b": "BOOLEAN"}
COLUMNS_MAX = 500
"""Most columns of one segment; what is rarer than these is kept in the map."""

RARE = 16
"""A kind of values that fewer than one of so many events have is kept in the map."""


@dataclass(frozen=True)
class Layout:
    """counts: how many events have a value of each key. columns: the keys that are columns `c0`, `c1`, ...

    rest: the keys that have values in the map; one may be in both, where segments were joined.
    """

    counts: Mapping[FieldKey, int]
    columns: tuple[FieldKey, ...]
    rest: frozenset[FieldKey]

    @cached_property
    def positions(self) -> dict[FieldKey, int]:
        """Return each column's number."""
        return {key: position for position, key in enumerate(self.columns)}

    def value(self, key: FieldKey, bind: Callable[[str], str]) -> str | None:
        """Return SQL for the values of `key`, None where no event has one; `bind` gives SQL for a text."""
        position = self.positions.get(key)
        name, kind = key
        if key not in self.rest:
            return None if position is None else f"c{position}"
        rare = f"map_extract_value(rest, {bind(name)}).{kind}"
        return rare if position is None else f"coalesce(c{position}, {rare})"


def choose_columns(counts: Mapping[FieldKey, int], events: int) -> tuple[FieldKey, ...]:
    """Return the keys that become columns, the frequent ones first."""
    frequent = [key for key, count in counts.items() if count * RARE >= events]
    return tuple(sorted(frequent, key=lambda key: (-counts[key], key))[:COLUMNS_MAX])
