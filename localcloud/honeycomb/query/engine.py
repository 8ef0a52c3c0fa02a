"""Runs a query over the stored events."""

from collections.abc import Collection, Iterable

from localcloud.honeycomb.datasets import ALL_DATASETS, dataset_slug
from localcloud.honeycomb.query.calculated import parse_used, with_calculated
from localcloud.honeycomb.query.errors import QueryFailed
from localcloud.honeycomb.query.model import (
    LIMIT_DEFAULT,
    LIMIT_MAX,
    LIMIT_MAX_WITHOUT_SERIES,
    CalculatedField,
    Query,
)
from localcloud.honeycomb.query.running import Deadline, Result, Run
from localcloud.honeycomb.query.source import Source
from localcloud.honeycomb.query.statements import DURATION, Statements
from localcloud.honeycomb.query.values import Parameters
from localcloud.honeycomb.query.window import window
from localcloud.honeycomb.store import EventStore

__all__ = ["Result", "run"]


def run(
    store: EventStore,
    dataset: str,
    query: Query,
    *,
    now: int,
    disable_series: bool = False,
    limit: int | None = None,
    truncate: bool = False,
    known_columns: Collection[str] = (),
    derived_columns: Iterable[CalculatedField] = (),
) -> Result:
    """Return what `query` answers over a dataset's events; takes its time, so call it in a thread.

    Args:
        dataset: a slug, or `__all__`.
        now: nanoseconds since 1970.
        limit: counts with `disable_series` alone, and then instead of the query's own.
        truncate: whether the window's ends are cut to whole minutes, as the Query Data API does.
        known_columns: columns that exist without an event that had them.
        derived_columns: the dataset's; a calculated field of the query goes before one of the same name.

    Raises:
        QueryFailed: a column doesn't exist, an expression can't be computed, or the query asks for too much.
    """
    chosen = window(query, now)
    chosen = chosen.truncated() if truncate else chosen
    slug = None if dataset == ALL_DATASETS else dataset
    calculated = {field.name: field for field in (*derived_columns, *query.calculated_fields)}
    trees = parse_used(calculated, _used(query))
    names = [name for name in _used(query) if name not in trees]
    names += [name for tree in trees.values() for name in tree.columns()]
    unknown = set(names) - set(known_columns) - store.column_names(slug)
    if unknown:
        listed = ", ".join(sorted(unknown)[:5])
        raise QueryFailed(f"unknown column: {listed}; no event of {dataset} has had it")
    with store.reading() as view:
        numbers = [
            number for number, name in view.names.items() if slug is None or dataset_slug(name) == slug
        ]
        parameters = Parameters()
        source = Source(view, numbers, chosen, names, parameters)
        sql, values = with_calculated(source.sql(), source.values(), trees, parameters)
        is_weighted = source.rate > 1 and not query.usage_mode
        statements = Statements(query, chosen, sql, values, parameters, is_weighted)
        with Deadline(view.cursor) as deadline:
            return Run(statements, deadline).result(_limit(query, limit, disable_series), disable_series)


def _used(query: Query) -> list[str]:
    """Return the names of the fields that a query mentions."""
    names = [one.column for one in query.calculations if one.column is not None]
    names += [one.column for one in query.filters]
    names += query.breakdowns
    if any(one.op == "CONCURRENCY" for one in query.calculations):
        names.append(DURATION)
    return list(dict.fromkeys(names))


def _limit(query: Query, limit: int | None, disable_series: bool) -> int:
    own = query.limit or LIMIT_DEFAULT
    return min(limit or own, LIMIT_MAX_WITHOUT_SERIES) if disable_series else min(own, LIMIT_MAX)
