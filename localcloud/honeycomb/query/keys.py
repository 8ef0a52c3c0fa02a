"""What groups are told apart by: the values of the breakdowns."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.honeycomb.query.model import Scalar
from localcloud.honeycomb.query.values import Value

_ORDER = "bift"


@dataclass(frozen=True, slots=True)
class GroupKey:
    """One breakdown: the SQL columns, by kind of value, that have its value in a group's row."""

    name: str
    columns: Mapping[str, str]

    def order(self, *, descending: bool) -> list[str]:
        """Return SQL to order groups: booleans, numbers, texts; those without a value last, either way."""
        direction = "DESC" if descending else "ASC"
        terms = []
        if self.columns:
            kinds = [kind for kind in _ORDER if kind in self.columns]
            ranks = " ".join(f"WHEN {self.columns[kind]} IS NOT NULL THEN {_RANKS[kind]}" for kind in kinds)
            terms.append(f"CASE {ranks} END {direction} NULLS LAST")
        numbers = [f"{self.columns[kind]}::DOUBLE" for kind in "if" if kind in self.columns]
        if numbers:
            terms.append(f"coalesce({', '.join(numbers)}) {direction} NULLS LAST")
        terms += [f"{self.columns[kind]} {direction} NULLS LAST" for kind in "bit" if kind in self.columns]
        return terms

    def shown(self, row: Mapping[str, Any]) -> Scalar | None:
        """Return the group's value; floats that JSON has not as texts."""
        for column in self.columns.values():
            value: Scalar | None = row[column]
            if value is not None:
                is_odd = isinstance(value, float) and not math.isfinite(value)
                return json.dumps(value) if is_odd else value
        return None


_RANKS = {"b": 0, "i": 1, "f": 1, "t": 2}


def keys_of(breakdowns: Sequence[str], values: Mapping[str, Value]) -> tuple[list[GroupKey], dict[str, str]]:
    """Return a key for each breakdown, and the SQL of all their columns by name."""
    keys = []
    sql: dict[str, str] = {}
    for number, name in enumerate(dict.fromkeys(breakdowns)):
        found = values[name].keys()
        keys.append(GroupKey(name, {kind: f"g{number}_{kind}" for kind in found}))
        sql.update({f"g{number}_{kind}": text for kind, text in found.items()})
    return keys, sql
