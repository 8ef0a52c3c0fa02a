"""The parts that the stored traces are in: tables that are filled one after the other and dropped whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc  # type: ignore[import-untyped, unused-ignore]

from localcloud.aws.xray.store.columns import BOUNDED

PREFIX = "traces_"
_NOTHING = (float("inf"), float("-inf"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a query asks of bounded columns: values of at least, and at most, these."""

    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """One table: how many bytes are in it, and the least and greatest value of each bounded column.

    `size_bytes` are those of traces that are there, `text_bytes` what their documents alone have of it,
    `dead_bytes` those of traces that were deleted and take room all the same.
    """

    number: int
    size_bytes: float = 0
    text_bytes: int = 0
    dead_bytes: float = 0
    ranges: dict[str, tuple[float, float]] = field(default_factory=lambda: dict.fromkeys(BOUNDED, _NOTHING))

    @property
    def name(self) -> str:
        """The table's name."""
        return f"{PREFIX}{self.number}"

    @property
    def taken_bytes(self) -> float:
        """The room that it takes."""
        return self.size_bytes + self.dead_bytes

    @property
    def mostly_dead(self) -> bool:
        """Whether to write it anew makes more room than it takes."""
        return self.dead_bytes > self.size_bytes

    def grow(self, rows: Any) -> None:
        """Count in an Arrow table of rows that were inserted."""
        self.size_bytes += rows.nbytes
        self.text_bytes += pc.sum(pc.binary_length(pc.list_flatten(rows.column("documents")))).as_py() or 0
        for column, (low, high) in self.ranges.items():
            values = rows.column(column).to_pylist()
            self.ranges[column] = min(low, *values), max(high, *values)

    def shrink(self, text_bytes: int) -> None:
        """Count out rows that were deleted, whose documents have so many bytes."""
        share = min(1.0, text_bytes / self.text_bytes) if self.text_bytes else 1.0
        self.dead_bytes += self.size_bytes * share
        self.size_bytes -= self.size_bytes * share
        self.text_bytes = max(0, self.text_bytes - text_bytes)

    def may_hold(self, bounds: Bounds) -> bool:
        """Tell whether there can be rows within the bounds."""
        return all(self.ranges[column][1] >= value for column, value in bounds.at_least.items()) and all(
            self.ranges[column][0] <= value for column, value in bounds.at_most.items()
        )
