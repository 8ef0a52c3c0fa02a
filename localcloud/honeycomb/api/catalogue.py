"""The datasets: those that events made, and those that were made or set through the API."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from localcloud.honeycomb.api import problems
from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.datasets import ALL_DATASETS, DATASETS_MAX, dataset_slug
from localcloud.honeycomb.store import ColumnInfo, Dataset, EventStore


@dataclass(frozen=True, slots=True)
class Settings:
    """What the API says of a dataset beside its events; times in nanoseconds since 1970."""

    name: str
    created_at: int
    description: str = ""
    expand_json_depth: int = 0
    is_delete_protected: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset as the API shows it; `last_written_at` is None where it never had an event."""

    slug: str
    settings: Settings
    last_written_at: int | None
    columns: int


class Catalogue:
    """Knows every dataset by its slug. It reads the store, so it is called in a thread."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._settings: dict[str, Settings] = {}

    def has(self, name: str) -> bool:
        """Whether there is a dataset of this name or slug."""
        slug = dataset_slug(name)
        return slug in self._settings or self._store.dataset(slug) is not None

    def slug(self, name: str, *, all_allowed: bool = False) -> str:
        """Return the slug of the dataset that a path names; raise ApiError (404) where there is none."""
        if name == ALL_DATASETS and all_allowed:
            return ALL_DATASETS
        if not self.has(name):
            raise problems.not_found("Dataset")
        return dataset_slug(name)

    def entries(self) -> list[Entry]:
        """Return every dataset, by slug."""
        stored = {dataset.slug: dataset for dataset in self._store.datasets()}
        return [self._entry(slug, stored.get(slug)) for slug in sorted(stored.keys() | set(self._settings))]

    def entry(self, slug: str) -> Entry:
        """Return the dataset with this slug; raise ApiError (404) where there is none."""
        return self._entry(slug, self._store.dataset(slug))

    def _entry(self, slug: str, stored: Dataset | None) -> Entry:
        settings = self._settings.get(slug)
        if stored is not None:
            settings = settings or Settings(stored.name, stored.created_at)
            return Entry(slug, settings, stored.last_written_at, len(self._store.columns(slug)))
        if settings is None:
            raise problems.not_found("Dataset")
        return Entry(slug, settings, None, 0)

    def create(self, name: str, description: str, expand_json_depth: int) -> tuple[Entry, bool]:
        """Make a dataset; return it, and False where one of that slug is there already.

        Raises:
            ApiError: 409, there are too many, or the name means all of them.
        """
        slug = dataset_slug(name)
        if self.has(slug):
            return self.entry(slug), False
        if slug == ALL_DATASETS:
            raise problems.legacy(HTTPStatus.CONFLICT, "we could not create a dataset with that name")
        if len(self._settings) >= DATASETS_MAX:
            raise problems.conflict("environment has reached the maximum number of datasets allowed")
        self._settings[slug] = Settings(name, self._clock(), description, expand_json_depth)
        return self.entry(slug), True

    def update(
        self, slug: str, description: str, expand_json_depth: int, *, is_delete_protected: bool
    ) -> Entry:
        """Set what can be set of a dataset, and return it.

        Raises:
            ApiError: 409, too many were made or set.
        """
        if slug not in self._settings and len(self._settings) >= DATASETS_MAX:
            raise problems.conflict("environment has reached the maximum number of datasets allowed")
        self._settings[slug] = replace(
            self.entry(slug).settings,
            description=description,
            expand_json_depth=expand_json_depth,
            is_delete_protected=is_delete_protected,
        )
        return self.entry(slug)

    def delete(self, slug: str) -> None:
        """Forget a dataset and its events.

        Raises:
            ApiError: 409, it is protected from that.
        """
        if self.entry(slug).settings.is_delete_protected:
            raise problems.conflict("must disable delete protection before deleting the dataset")
        self._settings.pop(slug, None)
        self._store.delete_dataset(slug)

    def expand_json_depth(self, name: str) -> int:
        """Return how deep the objects in a dataset's events are unpacked."""
        settings = self._settings.get(dataset_slug(name))
        return settings.expand_json_depth if settings else 0

    def stored_columns(self, slug: str) -> list[ColumnInfo]:
        """Return the columns that the dataset's events have."""
        return self._store.columns(slug)
