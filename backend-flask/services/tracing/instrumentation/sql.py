"""Statements as spans: psycopg and sqlite3 through OpenTelemetry's instrumentations.

A statement is recorded as it was written, never what it is executed with.
"""

from collections.abc import Callable
from typing import Any

from opentelemetry.instrumentation import dbapi
from wrapt import wrap_function_wrapper


def instrument_psycopg() -> None:
    """Put the instrumentation of psycopg on, unless the application has."""
    from opentelemetry.instrumentation import psycopg

    instrumentor = psycopg.PsycopgInstrumentor()
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(skip_dep_check=True, capture_parameters=False)
        _take_blank_statements(psycopg)


def instrument_sqlite3() -> None:
    """Put the instrumentation of sqlite3 on, unless the application has."""
    from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor

    instrumentor = SQLite3Instrumentor()
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(skip_dep_check=True)
        _take_blank_statements(dbapi)
        # The instrumentation hands out a proxy, and sqlite3 takes nothing but a connection for a target.
        dbapi.TracedConnectionProxy.backup = _backup  # type: ignore[attr-defined]


def _take_blank_statements(module: Any) -> None:
    """Let a statement of blanks have no operation: its first word is asked for without looking (0.66b1)."""
    wrap_function_wrapper(module, "CursorTracer.get_operation_name", _operation_name)


def _operation_name(
    wrapped: Callable[..., str], _instance: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> str:
    try:
        return wrapped(*arguments, **named)
    except IndexError:
        return ""


def _backup(source: Any, target: Any, **named: Any) -> None:
    source.__wrapped__.backup(getattr(target, "__wrapped__", target), **named)
