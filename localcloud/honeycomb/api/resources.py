"""Every resource of the API, put together over one store."""

from localcloud.honeycomb.api import auth
from localcloud.honeycomb.api.boards import Boards
from localcloud.honeycomb.api.catalogue import Catalogue
from localcloud.honeycomb.api.columns import Columns
from localcloud.honeycomb.api.datasets import Datasets
from localcloud.honeycomb.api.derived_columns import DerivedColumns
from localcloud.honeycomb.api.events import Events
from localcloud.honeycomb.api.limits import Limits
from localcloud.honeycomb.api.marker_settings import MarkerSettings
from localcloud.honeycomb.api.markers import Markers
from localcloud.honeycomb.api.queries import Queries
from localcloud.honeycomb.api.query_annotations import QueryAnnotations
from localcloud.honeycomb.api.query_results import Job, QueryResults
from localcloud.honeycomb.api.router import Route
from localcloud.honeycomb.api.times import Clock
from localcloud.honeycomb.query import engine
from localcloud.honeycomb.query.engine import Result
from localcloud.honeycomb.store import EventStore


class Resources:
    """The routes of all, and what they share."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.limits = Limits(clock)
        self.catalogue = catalogue = Catalogue(store, clock)
        self._columns = Columns(catalogue, clock)
        self._settings = MarkerSettings(catalogue, clock)
        self._markers = Markers(catalogue, self._settings, clock)
        self._derived = DerivedColumns(catalogue, self._columns, clock)
        self._queries = Queries(catalogue)
        self._annotations = QueryAnnotations(catalogue, self._queries, clock)
        self._results = QueryResults(catalogue, self._queries, self._run, self.limits, clock)
        self._boards = Boards(catalogue, self._queries, self._annotations)
        self._events = Events(catalogue, store, clock)
        self._datasets = Datasets(catalogue, self._forget)

    def close(self) -> None:
        """Let what runs in the background end; the store is still needed until then."""
        self._results.close()

    def routes(self) -> list[Route]:
        """Return every route."""
        return [
            *auth.routes(),
            *self._events.routes(),
            *self._datasets.routes(),
            *self._columns.routes(),
            *self._derived.routes(),
            *self._queries.routes(),
            *self._results.routes(),
            *self._annotations.routes(),
            *self._boards.routes(),
            *self._markers.routes(),
            *self._settings.routes(),
        ]

    def _run(self, job: Job) -> Result:
        return engine.run(
            self._store,
            job.slug,
            job.query,
            now=job.now,
            disable_series=job.is_without_series,
            limit=job.limit if job.is_without_series else None,
            truncate=job.is_truncated,
            known_columns=self._columns.made(job.slug),
            derived_columns=self._derived.fields(job.slug),
        )

    def _forget(self, slug: str) -> None:
        """Drop what belongs to a dataset that was removed."""
        self._columns.forget(slug)
        for scoped in (self._markers, self._settings, self._derived, self._queries, self._annotations):
            scoped.objects.remove_all(slug)
