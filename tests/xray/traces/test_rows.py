"""Facts as rows of a columnar store."""

from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings

from tests.xray.traces.documents import ACCOUNT_ID, TRACE_ID, traces
from xray.traces import derive
from xray.traces.facts import TraceFacts
from xray.traces.rows import COLUMNS, from_row, to_columns, to_row


@pytest.fixture(scope="module")
def database() -> Any:
    """Return a database with a table of `COLUMNS`."""
    connection = duckdb.connect()
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE traces ({columns})")
    yield connection
    connection.close()


def stored(database: Any, facts: list[TraceFacts]) -> list[TraceFacts]:
    """Write facts to the database through Arrow, and read them back."""
    types = database.sql("SELECT * FROM traces LIMIT 0").to_arrow_table().schema
    table = pa.table(to_columns(facts), schema=types)
    database.execute("DELETE FROM traces")
    database.register("arrived", table)
    database.execute("INSERT INTO traces SELECT * FROM arrived")
    database.unregister("arrived")
    rows = database.execute("SELECT * FROM traces").fetchall()
    return [from_row(dict(zip(COLUMNS, row, strict=True))) for row in rows]


@given(traces())
def test_a_row_is_the_facts_again(documents: list[dict[str, Any]]) -> None:
    """What goes into a row comes out of it; columns that are none of the facts' don't matter."""
    facts = derive(documents, ACCOUNT_ID)
    row = to_row(facts)
    assert list(row) == list(COLUMNS)
    assert from_row({**row, "received_at": 1.0}) == facts


@settings(deadline=None, max_examples=50)
@given(traces())
def test_a_database_gives_the_facts_back(database: Any, documents: list[dict[str, Any]]) -> None:
    """Every value that a document may hold goes into DuckDB's columns and comes back the same."""
    facts = derive(documents, ACCOUNT_ID)
    assert stored(database, [facts, facts]) == [facts, facts]


def test_columns_have_types() -> None:
    """Nested facts are lists of structs with the facts' own field names."""
    assert COLUMNS["trace_id"] == "VARCHAR"
    assert COLUMNS["http_status"] == "BIGINT"
    assert COLUMNS["annotations"] == (
        'STRUCT("key" VARCHAR, "text" VARCHAR, "number" DOUBLE, "flag" BOOLEAN, "service" BIGINT)[]'
    )
    assert '"entity_path" STRUCT("name" VARCHAR, "remote" BOOLEAN, ' in COLUMNS["fault_causes"]


def test_no_trace_is_empty_columns() -> None:
    """Without traces there are all the columns, and nothing in them."""
    assert to_columns([]) == {name: [] for name in COLUMNS}


def test_a_row_needs_every_column() -> None:
    """A column that is missing is named."""
    with pytest.raises(KeyError, match="services"):
        from_row({name: TRACE_ID for name in COLUMNS if name != "services"})
