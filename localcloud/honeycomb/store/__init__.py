"""What the local Honeycomb keeps: events as columns in DuckDB, in memory or in a file."""

from localcloud.honeycomb.store.model import ColumnInfo, Dataset, StoredEvent
from localcloud.honeycomb.store.store import EventStore

__all__ = ["ColumnInfo", "Dataset", "EventStore", "StoredEvent"]
