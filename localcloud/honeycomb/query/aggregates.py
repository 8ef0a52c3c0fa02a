"""Calculations as SQL over the rows of `matched`, each of which stands for `rate` events.

Every calculation takes finite numbers alone; what else a field holds counts for COUNT and COUNT_DISTINCT.
"""

# ruff: noqa: S608 - the text is ours alone, what comes from outside are parameters
from collections.abc import Sequence
from dataclasses import dataclass, field

from localcloud.honeycomb.query.model import Calculation
from localcloud.honeycomb.query.operations import PERCENTILES, RATES
from localcloud.honeycomb.query.window import Window

PERCENTILE_BINS = 4_096
BUCKET = "bucket"
"""The column with the number of the part of time that a row is in."""


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The columns of `matched` for each field: its number, and what tells its values apart."""

    numbers: dict[str, str | None]
    distinct: dict[str, Sequence[str]]
    duration: str | None = None


@dataclass(slots=True)
class Plan:
    """How one row for each group, or for each group and part of time, comes about.

    plain: SQL of aggregates by name of the result's column. joined: queries that have such a column beside
    `keys`. results: the result's column for each calculation.
    """

    keys: Sequence[str]
    plain: dict[str, str] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    results: dict[Calculation, str] = field(default_factory=dict)


def plan(
    calculations: Sequence[Calculation],
    keys: Sequence[str],
    fields: FieldColumns,
    window: Window,
    *,
    is_weighted: bool,
    is_series: bool,
) -> Plan:
    """Return the plan for all calculations but HEATMAP; `keys` has `bucket` for a series."""
    made = Plan(keys)
    for number, one in enumerate(dict.fromkeys(calculations)):
        if one.op == "HEATMAP":
            continue
        name = made.results[one] = f"a{number}"
        column = None if one.column is None else fields.numbers[one.column]
        if one.op == "CONCURRENCY" and fields.duration is not None:
            made.joined.append(_concurrency(name, keys, fields.duration, window, is_series=is_series))
        elif one.op == "COUNT_DISTINCT":
            distinct = fields.distinct[one.column or ""]
            made.plain[name] = " + ".join(f"count(DISTINCT {key})" for key in distinct) or "0"
        elif one.op == "COUNT":
            made.plain[name] = "sum(rate)::BIGINT"
        elif column is None:
            made.plain[name] = "NULL::DOUBLE"
        elif one.op in RATES:
            made.joined.append(_rate(name, RATES[one.op], column, keys))
        elif one.op not in PERCENTILES:
            made.plain[name] = _SIMPLE[one.op].format(column=column)
        elif is_weighted:
            made.joined.append(_weighted(name, column, PERCENTILES[one.op], keys))
        else:
            made.plain[name] = f"quantile_disc({column}, {_share(PERCENTILES[one.op])})"
    return made


_SIMPLE = {
    "SUM": "sum({column} * rate)",
    "AVG": "sum({column} * rate) / sum(rate) FILTER ({column} IS NOT NULL)",
    "MAX": "max({column})",
    "MIN": "min({column})",
}


def _share(thousandths: int) -> str:
    """Return a decimal, with which DuckDB finds the rank without rounding."""
    return f"0.{thousandths:03}"


def _weighted(name: str, column: str, share: int, keys: Sequence[str]) -> str:
    """The least value that at least the share of all events are at or below.

    Values are counted in bins first, which keep their order; those of the one bin that it lies in are ranked.
    """
    partition = _partition(keys)
    running = f"OVER ({partition} ORDER BY bin ROWS UNBOUNDED PRECEDING)"
    return f"""
        WITH bounds AS (SELECT min({column}) AS least, max({column}) AS greatest FROM matched),
        placed AS (
            SELECT {_list(keys)}{column} AS value, rate,
                floor(({column} - least) / nullif(greatest - least, 0) * {PERCENTILE_BINS}) AS bin
            FROM matched, bounds WHERE {column} IS NOT NULL
        ),
        counted AS (SELECT {_list(keys)}bin, sum(rate) AS count FROM placed GROUP BY {_list(keys)}bin),
        summed AS (
            SELECT *, sum(count) {running} AS below,
                sum(count) OVER ({partition}) AS total FROM counted
        ),
        chosen AS (
            SELECT {_list(keys)}min(bin) FILTER (below * 1000 >= total * {share}) AS bin
            FROM summed{_group(keys)}
        ),
        reached AS (
            SELECT summed.*, below - count AS before
            FROM summed JOIN chosen ON {same("summed", "chosen", [*keys, "bin"])}
        ),
        ranked AS (
            SELECT placed.*, total, before + sum(rate) OVER (
                {_partition([f"placed.{key}" for key in keys])} ORDER BY value ROWS UNBOUNDED PRECEDING
            ) AS below
            FROM placed JOIN reached ON {same("placed", "reached", [*keys, "bin"])}
        )
        SELECT {_list(keys)}min(value) FILTER (below * 1000 >= total * {share}) AS {name}
        FROM ranked{_group(keys)}
    """


def _rate(name: str, op: str, column: str, keys: Sequence[str]) -> str:
    """The change from one part of time to the next one that has a value; over all of it their mean."""
    groups = [key for key in keys if key != BUCKET]
    buckets = (
        f"SELECT {_list(groups)}{BUCKET}, {_SIMPLE[op].format(column=column)} AS value"
        f" FROM matched WHERE {column} IS NOT NULL GROUP BY ALL"
    )
    changes = (
        f"SELECT {_list(groups)}{BUCKET},"
        f" value - lag(value) OVER ({_partition(groups)} ORDER BY {BUCKET}) AS change FROM ({buckets})"
    )
    if BUCKET in keys:
        return f"SELECT {_list(keys)}change AS {name} FROM ({changes})"
    return f"SELECT {_list(keys)}avg(change) AS {name} FROM ({changes}){_group(keys)}"


def _concurrency(name: str, keys: Sequence[str], duration: str, window: Window, *, is_series: bool) -> str:
    """How many spans run on average: the share of the time that each one covers, from its start on."""
    begin = f"(time - {window.start} * 1000000000::BIGINT) / 1e9"
    rows = (
        f"SELECT *, {begin} AS begins, least({begin} + {duration} / 1e3, {window.seconds}) AS ends"
        f" FROM matched WHERE {duration} > 0"
    )
    if not is_series:
        return (
            f"SELECT {_list(keys)}sum((ends - begins) * rate) / {window.seconds} AS {name}"
            f" FROM ({rows}){_group(keys)}"
        )
    step = window.granularity
    offset = window.start // step * step - window.start
    part = f"floor((begins - {offset}) / {step})::BIGINT"
    last = f"floor((ends - {offset}) / {step})::BIGINT"
    spread = (
        f"SELECT * EXCLUDE ({BUCKET}), part + {window.start // step} AS {BUCKET} FROM ("
        f"SELECT *, unnest(range({part}, {last} + 1)) AS part FROM ({rows}))"
    )
    covered = f"least(ends, (part + 1) * {step} + {offset}) - greatest(begins, part * {step} + {offset})"
    return (
        f"SELECT {_list(keys)}sum(({covered}) * rate) / {step} AS {name}"
        f" FROM ({spread}) WHERE {covered} > 0{_group(keys)}"
    )


def same(left: str, right: str, keys: Sequence[str]) -> str:
    """Return SQL for whether rows of two tables have the same keys, those without a value too."""
    return " AND ".join(f"{left}.{key} IS NOT DISTINCT FROM {right}.{key}" for key in keys) or "true"


def _list(keys: Sequence[str]) -> str:
    return "".join(f"{key}, " for key in keys)


def _group(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _partition(keys: Sequence[str]) -> str:
    return f"PARTITION BY {', '.join(keys)}" if keys else ""
