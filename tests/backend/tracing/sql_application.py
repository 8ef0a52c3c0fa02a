"""A process that serves one request that asks sqlite3 and PostgreSQL, and prints what it was answered."""

import json
import os
import sqlite3
import sys
from contextlib import suppress

import psycopg
from flask import Flask

from services.tracing import TracingSettings, init_tracing

SECRET = "hush-7c1e"


def main() -> None:
    """Serve the request, and send what was recorded."""
    app = Flask("sql")

    @app.get("/rows")
    def rows() -> dict[str, object]:
        with sqlite3.connect(":memory:") as lite:
            cursor = lite.cursor()
            cursor.execute("SELECT ?", (SECRET,))
            light = cursor.fetchone()[0]
            cursor.execute("  ")
            other = sqlite3.connect(":memory:")
            lite.backup(other)
            other.close()
        lite.close()
        with psycopg.connect(os.environ["POSTGRES"]) as connection:
            with suppress(psycopg.errors.UniqueViolation), connection.transaction():
                connection.execute("CREATE TEMPORARY TABLE t (email text PRIMARY KEY)")
                connection.execute("INSERT INTO t VALUES (%s), (%s)", (SECRET, SECRET))
            heavy = connection.execute("SELECT %s::text", (SECRET,)).fetchone()
        return {"sqlite": light, "postgresql": heavy and heavy[0]}

    tracing = init_tracing(app, TracingSettings.from_environment(os.environ))
    response = app.test_client().get("/rows", buffered=True)
    tracing.shutdown()
    answer = {"header": response.headers.get("X-Amzn-Trace-Id"), "rows": response.get_json()}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
