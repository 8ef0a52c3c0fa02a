"""Which datasets there are, and which fields their events had."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from localcloud.honeycomb.datasets import DATASETS_MAX, dataset_slug
from localcloud.honeycomb.store.model import ColumnInfo, Dataset

COLUMNS_MAX = 10_000
"""Columns of one dataset (docs.honeycomb.io: a dataset can have at most 10,000 columns)."""

ALL_COLUMNS_MAX = 100_000
"""Columns of all datasets; ours, to bound memory."""

TYPES = {"t": "string", "f": "float", "i": "integer", "b": "boolean"}
"""Each kind of value, and the type of a column that begins with one."""


@dataclass(slots=True)
class ColumnRecord:
    """A field of a dataset."""

    type: str
    created_at: int
    last_written: int

    def write(self, kinds: Collection[str], now: int) -> None:
        """Note values of these kinds, letters of `TYPES`."""
        if "f" in kinds and self.type == "integer":
            self.type = "float"
        self.last_written = now


@dataclass(slots=True)
class Record:
    """A dataset and its columns."""

    number: int
    name: str
    created_at: int
    last_written_at: int
    columns: dict[str, ColumnRecord] = field(default_factory=dict)
    events: int = 0

    def admit(self, name: str, kinds: Collection[str], now: int, *, may_add: bool) -> bool:
        """Note values of a field; False, and nothing noted, where the dataset can't have that column."""
        column = self.columns.get(name)
        if column is not None:
            column.write(kinds, now)
            return True
        if not may_add or len(self.columns) >= COLUMNS_MAX:
            return False
        first = min(kinds, key="tfib".index)
        self.columns[name] = ColumnRecord(TYPES[first], now, now)
        return True

    def to_document(self) -> dict[str, Any]:
        """Return what a later process needs to know; events are counted from the segments."""
        document = asdict(self)
        del document["events"]
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Record":
        """Return the record that `to_document` gave."""
        columns = {name: ColumnRecord(**column) for name, column in document["columns"].items()}
        return cls(**{**document, "columns": columns})


class DatasetRecords:
    """The datasets by slug; names with one slug are one dataset. Its owner guards it."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._numbers: dict[int, Record] = {}
        self._columns = 0

    def restore(self, records: Iterable[Record]) -> None:
        """Take over what another process knew."""
        for record in records:
            self._records[dataset_slug(record.name)] = self._numbers[record.number] = record
            self._columns += len(record.columns)

    def record(self, name: str, now: int) -> Record | None:
        """Return the dataset of this name, made where there is none; None where there are too many."""
        key = dataset_slug(name)
        record = self._records.get(key)
        if record is None:
            if len(self._records) >= DATASETS_MAX:
                return None
            number = max(self._numbers, default=0) + 1
            record = self._records[key] = self._numbers[number] = Record(number, name, now, now)
        return record

    def admit(self, number: int, name: str, kinds: Collection[str], now: int) -> bool:
        """Note values of a field of a dataset; False where there are all columns that there can be."""
        record = self._numbers[number]
        before = len(record.columns)
        is_admitted = record.admit(name, kinds, now, may_add=self._columns < ALL_COLUMNS_MAX)
        self._columns += len(record.columns) - before
        return is_admitted

    def count(self, events: Mapping[int, int]) -> None:
        """Add so many events to each dataset, by its number; those that were forgotten have none."""
        for number, count in events.items():
            if number in self._numbers:
                self._numbers[number].events += count

    def by_slug(self, slug: str) -> Record | None:
        """Return the dataset with this slug, None where it has no events."""
        record = self._records.get(slug)
        return record if record is not None and record.events else None

    def kept(self) -> list[Record]:
        """Return the datasets that have events, by name."""
        records = (record for record in self._records.values() if record.events)
        return sorted(records, key=lambda record: record.name.lower())

    def empty(self) -> list[Record]:
        """Return the datasets whose events are all gone."""
        return [record for record in self._records.values() if not record.events]

    def forget(self, record: Record) -> None:
        """Forget a dataset and its columns."""
        del self._records[dataset_slug(record.name)], self._numbers[record.number]
        self._columns -= len(record.columns)


def shown(record: Record) -> Dataset:
    """Return a dataset as the store gives it out."""
    return Dataset(record.name, record.events, record.created_at, record.last_written_at)


def shown_columns(record: Record) -> list[ColumnInfo]:
    """Return the columns of a dataset, by name."""
    return [
        ColumnInfo(name, column.type, column.created_at, column.last_written)
        for name, column in sorted(record.columns.items(), key=lambda item: item[0])
    ]
