"""The `sql` block, from the old and the stable database semantic conventions."""

from collections.abc import Mapping
from typing import Any

from services.tracing.translation.values import short_text, text, without_empty

SQL_SYSTEMS = frozenset(
    {
        *("db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata"),
        *("other_sql", "cockroachdb", "redshift", "h2", "hsqldb", "sybase", "trino", "clickhouse"),
        *("ibm.db2", "microsoft.sql_server", "oracle.db", "aws.redshift", "sap.hana", "firebirdsql"),
    }
)


def make_sql(
    span_name: str, attributes: dict[str, Any], original: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the `sql` block and take what it holds out of `attributes`; None for what is no SQL database.

    `original` has all that the span had: of a database behind HTTP the `http` block has taken the address.
    """
    if "db.system" not in attributes and "db.system.name" not in attributes:
        return None
    system = text(attributes.get("db.system", attributes.get("db.system.name", "")))
    if system not in SQL_SYSTEMS:
        return None

    def take(old: str, new: str) -> str:
        values = attributes.pop(old, None), attributes.pop(new, None)
        return text(next((value for value in values if value is not None), ""))

    take("db.system", "db.system.name")
    place = text(attributes.pop("db.connection_string", "") or original.get("server.address", ""))
    name = take("db.name", "db.namespace")
    block = {
        # The span's name says more than the connection string, which has a field of its own.
        "url": text(span_name),
        "connection_string": f"{place or 'localhost'}/{name}" if place or name else "",
        "database_type": system,
        "user": short_text(attributes.pop("db.user", "")),
        "sanitized_query": take("db.statement", "db.query.text"),
    }
    return without_empty(block)
