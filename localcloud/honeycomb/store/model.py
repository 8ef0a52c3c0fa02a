"""What the store gives out; all times in nanoseconds since 1970."""

from dataclasses import dataclass

from localcloud.honeycomb.attributes import Fields
from localcloud.honeycomb.datasets import dataset_slug


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as it is kept; `dataset` is the dataset's name as the event said it, `size` in bytes."""

    dataset: str
    time: int
    sample_rate: int
    fields: Fields
    size: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset; its name is cased as in its first event, `events` is how many are kept."""

    name: str
    events: int = 0
    created_at: int = 0
    last_written_at: int = 0

    @property
    def slug(self) -> str:
        """What stands for the dataset in a URL."""
        return dataset_slug(self.name)


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column of a dataset; `type` is string, float, integer or boolean, as its first value was.

    A column of integers becomes one of floats with its first float; other values of another type are kept
    as they are, and don't change the type.
    """

    key_name: str
    type: str
    created_at: int
    last_written: int
