"""Opens DuckDB databases: in memory, or as a file in the folder of `--data`."""

from pathlib import Path

import duckdb

from localcloud.errors import DataError

THREADS = 2


def open_database(path: Path | None, memory_limit_bytes: int) -> duckdb.DuckDBPyConnection:
    """Return a connection to the database in a file, made where there is none, or in memory.

    Nothing but that file is read or written, and no extension is loaded, whatever a statement says.

    Raises:
        DataError: the file can't be used.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": f"{memory_limit_bytes // 1024}KiB",
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if path is None:
        return _locked(duckdb.connect(":memory:", config=settings))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _locked(duckdb.connect(str(path), config=settings))
    except OSError as error:
        raise DataError(
            f"--data {path.parent} can't be used: {error.strerror}; choose another folder"
        ) from error
    except duckdb.Error as error:
        raise DataError(_reason(path, str(error))) from error


def _locked(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET enable_external_access = false")
    return connection.execute("SET lock_configuration = true")


def _reason(path: Path, told: str) -> str:
    if "Could not set lock" in told:
        return f"{path} is in use by another process: stop it, or choose another --data folder"
    if "not a valid DuckDB database" in told or "checksum" in told.lower():
        return f"{path} is no DuckDB database or a broken one: remove it, or choose another --data folder"
    line = told.splitlines()[0] if told else "DuckDB doesn't say why"
    return f"{path} can't be opened: {line}; remove it, or choose another --data folder"
