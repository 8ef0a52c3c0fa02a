"""A query's specification, read and checked (reference: Honeycomb API, Query).

What Honeycomb's schema does not say, and its Terraform provider does, is taken from there
(honeycombio/terraform-provider-honeycombio, internal/provider/query_specification_data_source.go).
"""

from localcloud.honeycomb.query.errors import INCORRECT_TYPE, INVALID, MISSING, Problem, QueryError
from localcloud.honeycomb.query.expressions import ExpressionError, parse
from localcloud.honeycomb.query.model import (
    LIMIT_MAX,
    TIME_RANGE_DEFAULT_SECONDS,
    CalculatedField,
    Calculation,
    Filter,
    Having,
    Order,
    Query,
)
from localcloud.honeycomb.query.operations import (
    CALCULATIONS,
    COMPARISONS,
    EXISTENCE_FILTERS,
    FILTERS,
    LIST_FILTERS,
    TEXT_FILTERS,
    WITHOUT_COLUMN,
)
from localcloud.honeycomb.query.reading import ITEMS_MAX, Reader, scalar

TIME_MAX_SECONDS = 2**33
"""In the year 2242: beyond it nanoseconds since 1970 don't fit 64 bits."""

GRANULARITY_MAX_BUCKETS = 1_000
EXPRESSION_MAX_CHARACTERS = 4_095
COMPARE_OFFSETS_SECONDS = (1_800, 3_600, 7_200, 28_800, 86_400, 604_800, 2_419_200, 15_724_800)

_MEMBERS = (
    "calculations",
    "filters",
    "filter_combination",
    "breakdowns",
    "orders",
    "havings",
    "limit",
    "granularity",
    "time_range",
    "start_time",
    "end_time",
    "calculated_fields",
    "compare_time_offset_seconds",
    "usage_mode",
)
_METRICS = "is of Honeycomb's Metrics Beta, which the local Honeycomb has not; leave it out"


def read(document: object) -> Query:
    """Return the query that `document`, parsed JSON, says; an `id` in it is passed over.

    Raises:
        QueryError: with every problem found: members unknown, missing, of the wrong type or out of bounds,
            orders and havings without their calculation, times that contradict each other.
    """
    if not isinstance(document, dict):
        raise QueryError([Problem("", INCORRECT_TYPE, "expected a query: a JSON object")])
    problems: list[Problem] = []
    reader = Reader(document, "", problems)
    reader.known((*_MEMBERS, "id"), {"formulas": _METRICS})
    calculations = reader.objects("calculations", _calculation) or (Calculation("COUNT"),)
    breakdowns = reader.texts("breakdowns")
    query = Query(
        calculations=calculations,
        filters=reader.objects("filters", _filter),
        any_filter=reader.choice("filter_combination", ("AND", "OR")) == "OR",
        breakdowns=breakdowns,
        orders=reader.objects("orders", lambda one: _order(one, calculations, breakdowns)),
        havings=reader.objects("havings", lambda one: _having(one, calculations)),
        calculated_fields=_calculated_fields(reader),
        limit=reader.integer("limit", 1, LIMIT_MAX),
        granularity=reader.integer("granularity", 0, TIME_MAX_SECONDS) or None,
        time_range=reader.integer("time_range", 1, TIME_MAX_SECONDS) or _default_range(reader),
        start_time=reader.integer("start_time", 1, TIME_MAX_SECONDS),
        end_time=reader.integer("end_time", 1, TIME_MAX_SECONDS),
        compare_time_offset_seconds=reader.integer("compare_time_offset_seconds", 1, TIME_MAX_SECONDS),
        usage_mode=reader.flag("usage_mode"),
    )
    if not problems:
        _check_times(query, reader)
    if problems:
        raise QueryError(problems)
    return query


def _default_range(reader: Reader) -> int | None:
    both = reader.has("start_time") and reader.has("end_time")
    return None if both else TIME_RANGE_DEFAULT_SECONDS


def _calculation(reader: Reader) -> Calculation | None:
    reader.known(("op", "column"), {"name": _METRICS, "filters": _METRICS, "filter_combination": _METRICS})
    return _operation(reader, "op", CALCULATIONS)


def _operation(reader: Reader, member: str, among: tuple[str, ...]) -> Calculation | None:
    op = reader.choice(member, among, required=True)
    column = reader.text("column")
    if op is None:
        return None
    if op in WITHOUT_COLUMN and reader.has("column"):
        reader.note("column", INVALID, f"{op} should not have an accompanying column")
        return None
    if op not in WITHOUT_COLUMN and column is None:
        if not reader.has("column"):
            reader.note("column", MISSING, f"{op} requires a column")
        return None
    return Calculation(op, column)


def _filter(reader: Reader) -> Filter | None:
    reader.known(("column", "op", "value"), {})
    column = reader.text("column", required=True)
    op = reader.choice("op", FILTERS, required=True)
    value = reader.value("value")
    if column is None or op is None:
        return None
    if op in EXISTENCE_FILTERS:
        if value is not None:
            reader.note("value", INVALID, f"{op} does not take a value")
            return None
        return Filter(column, op)
    if value is None:
        reader.note("value", MISSING, f"operator {op} requires a value")
    elif op in LIST_FILTERS:
        return _list_filter(reader, column, op, value)
    elif op in TEXT_FILTERS and not isinstance(value, str):
        reader.note("value", INCORRECT_TYPE, f"operator {op} requires a string")
    elif isinstance(value, list | dict):
        reader.note("value", INCORRECT_TYPE, f"operator {op} requires a string, number or boolean")
    elif (one := scalar(value)) is None:
        reader.note("value", INVALID, "expected Unicode text, or a number that a 64-bit float can hold")
    else:
        return Filter(column, op, one)
    return None


def _list_filter(reader: Reader, column: str, op: str, value: object) -> Filter | None:
    if not isinstance(value, list):
        reader.note("value", INCORRECT_TYPE, f"operator {op} requires an array")
        return None
    if len(value) > ITEMS_MAX:
        reader.note("value", INVALID, f"must have at most {ITEMS_MAX} items")
        return None
    items = [scalar(item) for item in value]
    found = tuple(item for item in items if item is not None)
    if len(found) < len(items):
        reader.note("value", INCORRECT_TYPE, "expected an array of strings, finite numbers and booleans")
        return None
    return Filter(column, op, found)


def _order(
    reader: Reader, calculations: tuple[Calculation, ...], breakdowns: tuple[str, ...]
) -> Order | None:
    reader.known(("column", "op", "order"), {})
    op = reader.choice("op", CALCULATIONS)
    column = reader.text("column")
    direction = reader.choice("order", ("ascending", "descending"))
    if op is None and reader.has("op"):
        return None
    if op == "HEATMAP":
        reader.note("op", INVALID, "cannot order by HEATMAP")
        return None
    named = column in breakdowns if op is None else Calculation(op, column) in calculations
    if not named:
        reader.note("", INVALID, "each order must have a matching calculation or breakdown")
        return None
    return Order(op, column, direction == "descending")


def _having(reader: Reader, calculations: tuple[Calculation, ...]) -> Having | None:
    reader.known(("calculate_op", "column", "op", "value"), {})
    calculation = _operation(reader, "calculate_op", tuple(op for op in CALCULATIONS if op != "HEATMAP"))
    op = reader.choice("op", COMPARISONS, required=True)
    value = reader.number("value")
    if calculation is None or op is None or value is None:
        return None
    if calculation not in calculations:
        reader.note("calculate_op", INVALID, f"{calculation.label} missing matching calculation")
        return None
    return Having(calculation, op, value)


def _calculated_fields(reader: Reader) -> tuple[CalculatedField, ...]:
    fields = reader.objects("calculated_fields", _calculated_field)
    names = [field.name for field in fields]
    for index, name in enumerate(names):
        if name in names[:index]:
            reader.note(f"calculated_fields[{index}].name", INVALID, "another field has this name")
    return fields


def _calculated_field(reader: Reader) -> CalculatedField | None:
    reader.known(("name", "expression"), {})
    name = reader.text("name", required=True)
    expression = reader.text("expression", required=True)
    if name is None or expression is None:
        return None
    if len(expression) > EXPRESSION_MAX_CHARACTERS:
        reader.note("expression", INVALID, f"must have at most {EXPRESSION_MAX_CHARACTERS} characters")
        return None
    try:
        parse(expression)
    except ExpressionError as error:
        reader.note("expression", INVALID, str(error))
        return None
    return CalculatedField(name, expression)


def _check_times(query: Query, reader: Reader) -> None:
    start, end = query.start_time, query.end_time
    if query.time_range is not None and start is not None and end is not None:
        reader.note("time_range", INVALID, "specify at most two of time_range, start_time and end_time")
        return
    if start is not None and end is not None and start > end:
        reader.note("start_time", INVALID, "must be at most end_time")
        return
    if query.granularity is not None:
        if query.granularity > query.duration:
            reader.note("granularity", INVALID, f"can not be greater than time_range ({query.duration})")
        elif query.granularity < query.duration // GRANULARITY_MAX_BUCKETS:
            reader.note("granularity", INVALID, f"can not be less than time_range/{GRANULARITY_MAX_BUCKETS}")
    offset = query.compare_time_offset_seconds
    if offset is not None:
        if offset not in (query.duration, *COMPARE_OFFSETS_SECONDS):
            among = ", ".join(map(str, COMPARE_OFFSETS_SECONDS))
            reader.note("compare_time_offset_seconds", INVALID, f"must be the time range or one of {among}")
        elif offset < query.duration:
            reader.note("compare_time_offset_seconds", INVALID, "must be at least the time range")
