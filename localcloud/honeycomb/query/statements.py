"""The statements of one query: groups, their values over time, and heatmaps."""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localcloud.honeycomb.numbers import NANOSECONDS
from localcloud.honeycomb.query.aggregates import BUCKET, FieldColumns, Plan, plan, same
from localcloud.honeycomb.query.conditions import condition
from localcloud.honeycomb.query.heatmaps import Bins
from localcloud.honeycomb.query.keys import GroupKey, keys_of
from localcloud.honeycomb.query.model import Calculation, Query
from localcloud.honeycomb.query.values import Parameters, Value, any_of
from localcloud.honeycomb.query.window import Window

DURATION = "duration_ms"
"""The field that CONCURRENCY takes for how long a span ran."""

GROUPS = "shown_groups"
"""The table of the groups that are shown, with the key's columns and `number`, 0 for the first."""


@dataclass(slots=True)
class Statements:
    """Makes the SQL of a query over `source`, whose fields have `values`."""

    query: Query
    window: Window
    source: str
    values: Mapping[str, Value]
    parameters: Parameters
    is_weighted: bool
    keys: list[GroupKey] = field(init=False)
    _columns: dict[str, str] = field(init=False)
    _fields: FieldColumns = field(init=False)
    _matched: str = field(init=False)

    def __post_init__(self) -> None:
        self.keys, self._columns = keys_of(self.query.breakdowns, self.values)
        self._matched = self._make_matched()

    def results(self, limit: int) -> tuple[str, Plan]:
        """Return the statement for the groups: key columns and `Plan.results`, in order, at most `limit`."""
        made = self._plan(list(self._columns), is_series=False)
        havings = [
            f"{made.results[one.calculation]} {one.op} {self.parameters.bind(one.value)}"
            for one in self.query.havings
        ]
        where = f" WHERE {' AND '.join(havings)}" if havings else ""
        order = ", ".join(self._order(made))
        grouped = self._grouped(made, [])
        return f"{grouped}{where}{f' ORDER BY {order}' if order else ''} LIMIT {limit}", made

    def series(self, limit: int) -> tuple[str, Plan]:
        """Return the statement for the groups' values over time: `number`, `bucket` and `Plan.results`."""
        made = self._plan(["number", BUCKET], is_series=True)
        return f"{self._grouped(made, [self._shown()])} ORDER BY {BUCKET}, number LIMIT {limit}", made

    def bounds(self, column: str) -> str:
        """Return the statement for the least and the greatest of a field's numbers, perhaps NULL."""
        number = self._fields.numbers[column] or "NULL::DOUBLE"
        return f"{self._with([])} SELECT min({number}), max({number}) FROM matched"

    def bins(self, column: str, bins: Bins, *, is_series: bool, limit: int) -> str:
        """Return the statement for a heatmap: `number`, perhaps `bucket`, and `bin` and `count`."""
        number = self._fields.numbers[column] or "NULL::DOUBLE"
        keys = ["number", BUCKET] if is_series else ["number"]
        # A quotient next to a bound may be rounded over it: the bounds that are shown decide.
        bounds = f"({self.parameters.bind(bins.bounds)}::DOUBLE[])"
        place = f"(bin - {bins.first - 1})"
        exact = (
            f"bin + CASE WHEN value < {bounds}[{place}] THEN -1 WHEN value >= {bounds}[{place} + 1] THEN 1"
            " ELSE 0 END"
        )
        rows = (
            f"SELECT {', '.join(keys)}, rate, {number} AS value,"
            f" floor({number} / {self.parameters.bind(bins.width)})::BIGINT AS bin FROM matched"
            f" WHERE {number} IS NOT NULL"
        )
        return (
            f"{self._with([self._shown()])} SELECT {', '.join(keys)}, {exact} AS bin,"
            f" sum(rate)::BIGINT AS count FROM ({rows}) GROUP BY ALL ORDER BY ALL LIMIT {limit}"
        )

    def _plan(self, keys: Sequence[str], *, is_series: bool) -> Plan:
        return plan(
            self.query.calculations,
            keys,
            self._fields,
            self.window,
            is_weighted=self.is_weighted,
            is_series=is_series,
        )

    def _make_matched(self) -> str:
        """Return the query for the events that the filters let through: what is calculated with."""
        rate = "1::BIGINT" if self.query.usage_mode else "rate::BIGINT"
        step = self.window.granularity * NANOSECONDS
        selected = ["time", f"{rate} AS rate", f"time // {step} AS {BUCKET}"]
        selected += [f"{sql} AS {name}" for name, sql in self._columns.items()]
        numbers: dict[str, str | None] = {}
        distinct: dict[str, Sequence[str]] = {}
        for place, name in enumerate(dict.fromkeys(self._calculated_with())):
            value = self.values[name]
            numbers[name] = None if value.number is None else f"n{place}"
            if value.number is not None:
                selected.append(f"{value.number} AS n{place}")
            keys = value.keys() if Calculation("COUNT_DISTINCT", name) in self.query.calculations else {}
            selected += [f"{sql} AS d{place}_{kind}" for kind, sql in keys.items()]
            distinct[name] = [f"d{place}_{kind}" for kind in keys]
        self._fields = FieldColumns(numbers, distinct, numbers.get(DURATION))
        conditions = [
            condition(one, self.values[one.column], self.parameters.bind) for one in self.query.filters
        ]
        where = any_of(conditions) if self.query.any_filter else " AND ".join(conditions)
        return f"SELECT {', '.join(selected)} FROM source{f' WHERE {where}' if conditions else ''}"

    def _calculated_with(self) -> Sequence[str]:
        names = [one.column for one in self.query.calculations if one.column is not None]
        if Calculation("CONCURRENCY") in self.query.calculations:
            names.append(DURATION)
        return names

    def _with(self, more: Sequence[str]) -> str:
        """Return the WITH clause; the last of `more` takes the place of `matched`."""
        name = "unshown" if more else "matched"
        return ", ".join([f"WITH source AS ({self.source})", f"{name} AS ({self._matched})", *more])

    def _shown(self) -> str:
        """Return the table of the matched events whose groups are shown, with their numbers."""
        among = same("unshown", GROUPS, list(self._columns))
        return f"matched AS (SELECT unshown.*, {GROUPS}.number FROM unshown JOIN {GROUPS} ON {among})"

    def _grouped(self, made: Plan, more: Sequence[str]) -> str:
        """Return a SELECT of the keys and all results."""
        keys = ", ".join(made.keys)
        plain = [f"{sql} AS {name}" for name, sql in made.plain.items()]
        counted = ", ".join([*made.keys, *plain, "count(*) AS events"])
        base = f"SELECT {counted} FROM matched{f' GROUP BY {keys}' if keys else ''} HAVING count(*) > 0"
        parts = [f"part{number}" for number in range(len(made.joined))]
        tables = [f"base AS ({base})"]
        tables += [f"{part} AS ({sql})" for part, sql in zip(parts, made.joined, strict=True)]
        first, others = "base", parts
        if BUCKET in made.keys and parts:
            # A span may run on in parts of the time in which no other one began.
            first, others = "spine", ["base", *parts]
            tables.append(f"spine AS ({' UNION '.join(f'SELECT {keys} FROM {name}' for name in others)})")
        joins = "".join(f" LEFT JOIN {other} ON {same(first, other, made.keys)}" for other in others)
        selected = [f"{first}.{key}" for key in made.keys] + list(made.results.values())
        inner = f"SELECT {', '.join(selected) or 'true AS one'} FROM {first}{joins}"
        return f"{self._with(more)}, {', '.join(tables)} SELECT * FROM ({inner})"

    def _order(self, made: Plan) -> list[str]:
        """Return the terms that groups are ordered by; the last ones make the order complete."""
        keys = {key.name: key for key in self.keys}
        terms: list[str] = []
        for one in self.query.orders:
            if one.op is None:
                terms += keys[one.column or ""].order(descending=one.descending)
            else:
                direction = "DESC" if one.descending else "ASC"
                terms.append(f"{made.results[Calculation(one.op, one.column)]} {direction} NULLS LAST")
        if not self.query.orders and made.results:
            terms.append(f"{next(iter(made.results.values()))} DESC NULLS LAST")
        for key in self.keys:
            terms += key.order(descending=False)
        return terms
