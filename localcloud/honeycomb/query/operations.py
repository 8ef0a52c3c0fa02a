"""Names of operations (reference: Honeycomb API, QueryOp, FilterOp, HavingOp)."""

PERCENTILES = {
    "P001": 1,
    "P01": 10,
    "P05": 50,
    "P10": 100,
    "P20": 200,
    "P25": 250,
    "P50": 500,
    "P75": 750,
    "P80": 800,
    "P90": 900,
    "P95": 950,
    "P99": 990,
    "P999": 999,
}
"""The share of values at or below each, in thousandths."""

RATES = {"RATE_AVG": "AVG", "RATE_SUM": "SUM", "RATE_MAX": "MAX"}
"""Each rate, and the calculation whose change it is."""

WITHOUT_COLUMN = ("COUNT", "CONCURRENCY")
CALCULATIONS = (
    *WITHOUT_COLUMN,
    "SUM",
    "AVG",
    "COUNT_DISTINCT",
    "HEATMAP",
    "MAX",
    "MIN",
    *PERCENTILES,
    *RATES,
)

COMPARISONS = ("=", "!=", ">", ">=", "<", "<=")
TEXT_FILTERS = (
    "starts-with",
    "does-not-start-with",
    "ends-with",
    "does-not-end-with",
    "contains",
    "does-not-contain",
)
EXISTENCE_FILTERS = ("exists", "does-not-exist")
LIST_FILTERS = ("in", "not-in")
FILTERS = (*COMPARISONS, *TEXT_FILTERS, *EXISTENCE_FILTERS, *LIST_FILTERS)

NEGATED_FILTERS = {
    "!=": "=",
    "does-not-start-with": "starts-with",
    "does-not-end-with": "ends-with",
    "does-not-contain": "contains",
    "does-not-exist": "exists",
    "not-in": "in",
}
"""Each filter that holds exactly where another one doesn't, also where the event has no such field."""
