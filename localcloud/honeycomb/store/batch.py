"""Events as an Arrow table: what a segment is made of."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped, unused-ignore]

from localcloud.honeycomb.attributes import Field
from localcloud.honeycomb.store.layout import KINDS, SQL_TYPES, FieldKey, Layout, choose_columns
from localcloud.honeycomb.store.model import StoredEvent
from localcloud.honeycomb.store.segments import Segment

ARROW_TYPES = {"t": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}
_VALUE = pa.struct([pa.field(kind, ARROW_TYPES[kind]) for kind in SQL_TYPES])
_Values = list[tuple[Sequence[int], Sequence[Field]]]
"""Positions of events, and their values."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event and the number of its dataset."""

    event: StoredEvent
    dataset: int


Admit = Callable[[int, str, set[str]], bool]
"""Whether a dataset takes a field with values of these kinds."""


def to_segment(number: int, first: int, arrived: Sequence[Arrived], admit: Admit) -> tuple[Segment, Any]:
    """Return the segment of these events and its Arrow table; `first` is the first one's number.

    Fields that `admit` refuses are left out.
    """
    cells = _cells(arrived, admit)
    counts = {key: sum(len(positions) for positions, _ in values) for key, values in cells.items()}
    columns = choose_columns(counts, len(arrived))
    layout = Layout(counts, columns, frozenset(counts) - set(columns))
    times = [one.event.time for one in arrived]
    rates = [one.event.sample_rate for one in arrived]
    sizes = [one.event.size for one in arrived]
    datasets = [one.dataset for one in arrived]
    count = len(arrived)
    arrays = {
        "seq": pa.array(range(first, first + count), pa.int64()),
        "time": pa.array(times, pa.int64()),
        "rate": pa.array(rates, pa.int32()),
        "size": pa.array(sizes, pa.int32()),
        "dataset": pa.array(datasets, pa.int32()),
    }
    for position, key in enumerate(columns):
        arrays[f"c{position}"] = pa.array(_spread(cells[key], count), ARROW_TYPES[key[1]])
    if layout.rest:
        arrays["rest"] = _rest({key: cells[key] for key in layout.rest}, count)
    segment = Segment(
        number,
        first,
        first + count - 1,
        min(times),
        max(times),
        max(rates),
        count,
        sum(sizes),
        Counter(datasets),
        layout,
    )
    return segment, pa.table(arrays)


def _cells(arrived: Sequence[Arrived], admit: Admit) -> dict[FieldKey, _Values]:
    """Return the values by key. Events of one dataset with the same names are taken together."""
    shapes: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for position, one in enumerate(arrived):
        shapes.setdefault((one.dataset, tuple(one.event.fields)), []).append(position)
    cells: dict[FieldKey, _Values] = {}
    for (dataset, names), positions in shapes.items():
        rows = (arrived[position].event.fields.values() for position in positions)
        for name, values in zip(names, zip(*rows, strict=True), strict=False):
            types = set(map(type, values))
            if not admit(dataset, name, {KINDS[kind] for kind in types}):
                continue
            if len(types) == 1:
                cells.setdefault((name, KINDS[types.pop()]), []).append((positions, values))
                continue
            for kind in types:
                mine = [index for index, value in enumerate(values) if type(value) is kind]
                cells.setdefault((name, KINDS[kind]), []).append(
                    ([positions[index] for index in mine], [values[index] for index in mine])
                )
    return cells


def _spread(values: _Values, count: int) -> Sequence[Field | None]:
    if len(values) == 1 and len(values[0][0]) == count:
        return values[0][1]
    column: list[Field | None] = [None] * count
    for positions, found in values:
        for position, value in zip(positions, found, strict=True):
            column[position] = value
    return column


def _rest(cells: dict[FieldKey, _Values], count: int) -> Any:
    rows: list[list[tuple[str, str, Field]]] = [[] for _ in range(count)]
    for (name, kind), values in cells.items():
        for positions, found in values:
            for position, value in zip(positions, found, strict=True):
                rows[position].append((name, kind, value))
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row))
    entries = [entry for row in rows for entry in row]
    members = [
        pa.array([value if kind == one else None for _, kind, value in entries], ARROW_TYPES[one])
        for one in SQL_TYPES
    ]
    items = pa.StructArray.from_arrays(members, fields=list(_VALUE))
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array([name for name, _, _ in entries], pa.string()), items
    )
