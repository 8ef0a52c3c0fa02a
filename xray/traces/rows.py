"""Facts as rows of a columnar store: a column for each field, nested tuples as lists of structs.

A NamedTuple is a tuple, and takes a struct's fields in their order wherever a store accepts tuples for
structs, as Arrow does.
"""

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from xray.traces.facts import (
    Annotation,
    CauseEntity,
    CauseException,
    CauseService,
    EdgeFacts,
    RootCause,
    ServiceFacts,
    TraceFacts,
)

_SCALARS = {str: "VARCHAR", float: "DOUBLE", int: "BIGINT", bool: "BOOLEAN"}


def _column_type(hint: Any) -> str:
    if isinstance(hint, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is tuple:
        return f"{_column_type(get_args(hint)[0])}[]"
    if hint in _SCALARS:
        return _SCALARS[hint]
    fields = (f'"{name}" {_column_type(inner)}' for name, inner in get_type_hints(hint).items())
    return f"STRUCT({', '.join(fields)})"


COLUMNS: dict[str, str] = {name: _column_type(hint) for name, hint in get_type_hints(TraceFacts).items()}
"""The columns in their order, with DuckDB's types."""


def to_row(facts: TraceFacts) -> dict[str, Any]:
    """Return a trace's row: column to value; nested facts stay tuples, in the order of their structs."""
    return facts._asdict()


def to_columns(traces: Iterable[TraceFacts]) -> dict[str, list[Any]]:
    """Return many traces' rows as columns, each with a value for every trace."""
    columns = zip(*traces, strict=True)
    filled = dict(zip(COLUMNS, map(list, columns), strict=False))
    return filled or {name: [] for name in COLUMNS}


def from_row(row: Mapping[str, Any]) -> TraceFacts:
    """Return the facts of a row, whose lists and structs may be tuples, lists and dicts.

    Columns that aren't of `COLUMNS` are left out; a struct's fields have to stand in their order.

    Raises:
        KeyError: a column is missing.
    """
    values = {name: row[name] for name in COLUMNS}
    values["services"] = tuple([_service(item) for item in values["services"]])
    values["edges"] = tuple([_edge(item) for item in values["edges"]])
    values["annotations"] = _annotations(values["annotations"])
    for name in ("fault_causes", "error_causes", "response_time_causes"):
        values[name] = tuple([_cause(item) for item in values[name]])
    return TraceFacts._make(values.values())


def _fields(struct: Any) -> Iterable[Any]:
    return struct.values() if isinstance(struct, dict) else struct


def _annotations(items: Any) -> tuple[Annotation, ...]:
    return tuple([Annotation._make(_fields(item)) for item in items])


def _service(struct: Any) -> ServiceFacts:
    *scalars, annotations = _fields(struct)
    return ServiceFacts._make((*scalars, _annotations(annotations)))


def _edge(struct: Any) -> EdgeFacts:
    *scalars, annotations = _fields(struct)
    return EdgeFacts._make((*scalars, _annotations(annotations)))


def _cause(struct: Any) -> RootCause:
    client_impacting, services = _fields(struct)
    return RootCause(client_impacting, tuple([_cause_service(item) for item in services]))


def _cause_service(struct: Any) -> CauseService:
    *scalars, path = _fields(struct)
    return CauseService._make((*scalars, tuple([_cause_entity(item) for item in path])))


def _cause_entity(struct: Any) -> CauseEntity:
    *scalars, exceptions = _fields(struct)
    return CauseEntity._make((*scalars, tuple([CauseException._make(_fields(item)) for item in exceptions])))
