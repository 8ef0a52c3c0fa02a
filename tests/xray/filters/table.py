"""Facts as rows of a real DuckDB table: its columns are TraceFacts' fields, and `received_at`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

from xray.traces.rows import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xray.filters import Sql
    from xray.traces.facts import TraceFacts


class Table:
    """A table `traces`."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"enable_external_access": "false", "threads": "1"})
        columns = {"place": "INTEGER", **COLUMNS, "received_at": "DOUBLE"}
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self._insert = f"INSERT INTO traces VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - ours
        self._connection.execute(f"CREATE TABLE traces ({declared})")

    def fill(self, facts: Sequence[TraceFacts], received_at: float = 0.0) -> None:
        """Have these traces in the table, and no others."""
        self._connection.execute("DELETE FROM traces")
        for place, one in enumerate(facts):
            values = [*plain(one).values(), received_at]
            self._connection.execute(self._insert, [place, *values])

    def answers(self, sql: Sql) -> list[bool | None]:
        """What the expression says of each trace, in the order of their filling in.

        As a condition it has to find the same traces: DuckDB's optimiser takes other ways with these.
        """
        query = f"SELECT t.place, {sql.text} FROM traces t ORDER BY t.place"  # noqa: S608 - ours
        rows = self._connection.execute(query, sql.parameters).fetchall()
        query = f"SELECT t.place FROM traces t WHERE {sql.text} ORDER BY t.place"  # noqa: S608 - ours
        found = self._connection.execute(query, sql.parameters).fetchall()
        assert [place for (place,) in found] == [place for place, matches in rows if matches]
        return [matches for _, matches in rows]

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def plain(value: Any) -> Any:
    """A NamedTuple as a dict, a tuple as a list, all the way down."""
    if hasattr(value, "_asdict"):
        return {name: plain(inner) for name, inner in value._asdict().items()}
    if isinstance(value, tuple):
        return [plain(inner) for inner in value]
    return value
