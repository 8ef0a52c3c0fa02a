"""A query, as Honeycomb's API takes it (reference: Honeycomb API, Query)."""

from dataclasses import dataclass
from typing import Any

TIME_RANGE_DEFAULT_SECONDS = 7_200
LIMIT_DEFAULT = 100
LIMIT_MAX = 1_000
LIMIT_MAX_WITHOUT_SERIES = 10_000

Scalar = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Calculation:
    """One value for each group; `column` is None for COUNT and CONCURRENCY."""

    op: str
    column: str | None = None

    @property
    def label(self) -> str:
        """The calculation's name in results: `COUNT`, `P99(duration_ms)`."""
        return self.op if self.column is None else f"{self.op}({self.column})"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events count; `value` is None for exists and does-not-exist, a tuple for in and not-in."""

    column: str
    op: str
    value: Scalar | tuple[Scalar, ...] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """By a calculation (`op`, and `column` where it has one) or by a breakdown (`column` alone)."""

    op: str | None
    column: str | None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Having:
    """Which groups are shown, by the value of one of the calculations."""

    calculation: Calculation
    op: str
    value: int | float


@dataclass(frozen=True, slots=True)
class CalculatedField:
    """A field that is computed for each event, for this query alone."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was checked; times in seconds since 1970, durations in seconds.

    At most two of `time_range`, `start_time` and `end_time` are set. `limit` and `granularity` are None
    where the query leaves them to Honeycomb.
    """

    calculations: tuple[Calculation, ...] = (Calculation("COUNT"),)
    filters: tuple[Filter, ...] = ()
    any_filter: bool = False
    breakdowns: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    havings: tuple[Having, ...] = ()
    calculated_fields: tuple[CalculatedField, ...] = ()
    limit: int | None = None
    granularity: int | None = None
    time_range: int | None = TIME_RANGE_DEFAULT_SECONDS
    start_time: int | None = None
    end_time: int | None = None
    compare_time_offset_seconds: int | None = None
    usage_mode: bool = False

    @property
    def duration(self) -> int:
        """Return how many seconds the query looks at."""
        if self.time_range is not None:
            return self.time_range
        if self.start_time is None or self.end_time is None:
            return TIME_RANGE_DEFAULT_SECONDS
        return self.end_time - self.start_time

    def to_document(self) -> dict[str, Any]:
        """Return the query as Honeycomb stores it: calculations and time filled in, other defaults left out.

        AND and ascending are defaults that its API never answers with (reference:
        honeycombio/terraform-provider-honeycombio, client/query_spec.go).
        """
        document: dict[str, Any] = {}
        if self.breakdowns:
            document["breakdowns"] = list(self.breakdowns)
        document["calculations"] = [_named(one.op, one.column) for one in self.calculations]
        if self.calculated_fields:
            document["calculated_fields"] = [
                {"name": field.name, "expression": field.expression} for field in self.calculated_fields
            ]
        if self.filters:
            document["filters"] = [_filter(one) for one in self.filters]
        if self.any_filter:
            document["filter_combination"] = "OR"
        if self.orders:
            document["orders"] = [_order(one) for one in self.orders]
        if self.havings:
            document["havings"] = [_having(one) for one in self.havings]
        for name in (
            "limit",
            "granularity",
            "time_range",
            "start_time",
            "end_time",
            "compare_time_offset_seconds",
        ):
            value = getattr(self, name)
            if value is not None:
                document[name] = value
        if self.usage_mode:
            document["usage_mode"] = True
        return document


def _named(op: str, column: str | None) -> dict[str, Any]:
    return {"op": op} if column is None else {"op": op, "column": column}


def _filter(one: Filter) -> dict[str, Any]:
    document: dict[str, Any] = {"op": one.op, "column": one.column}
    if one.value is not None:
        document["value"] = list(one.value) if isinstance(one.value, tuple) else one.value
    return document


def _order(one: Order) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if one.column is not None:
        document["column"] = one.column
    if one.op is not None:
        document["op"] = one.op
    if one.descending:
        document["order"] = "descending"
    return document


def _having(one: Having) -> dict[str, Any]:
    calculation = _named(one.calculation.op, one.calculation.column)
    calculation["calculate_op"] = calculation.pop("op")
    return calculation | {"op": one.op, "value": one.value}
