"""The columns of the stored traces: what the store itself knows of a trace, then the trace's facts."""

from xray.traces.rows import COLUMNS as FACT_COLUMNS

STORE_COLUMNS: dict[str, str] = {
    "place": "VARCHAR",
    "received_at": "DOUBLE",
    "revision": "BIGINT",
    "limit_exceeded": "BOOLEAN",
    "documents": "BLOB[]",
}
"""`place` is the account and region, `received_at` the arrival (epoch seconds) of the last document that
changed the trace, `revision` counts those, `documents` are the texts in the order of their arrival."""

COLUMNS: dict[str, str] = {**STORE_COLUMNS, **FACT_COLUMNS}

BOUNDED = ("id_time", "start_time", "end_time")
"""The columns whose least and greatest value is known of each part, so that a query leaves parts out."""


def create_table(name: str) -> str:
    """Return the statement that makes a table of these columns; `name` is one of the store's own."""
    columns = ", ".join(f'"{column}" {kind}' for column, kind in COLUMNS.items())
    return f"CREATE TABLE {name} ({columns})"


def quoted(columns: dict[str, str]) -> str:
    """Return the columns' names for a SELECT, of the row `t`."""
    return ", ".join(f't."{column}"' for column in columns)
