"""The database that every account and region of this process has its traces in."""

import threading
from pathlib import Path

from localcloud.aws.xray.store.database import FILE_NAME, Database

_lock = threading.Lock()
_database: Database | None = None


def open_shared(folder: Path | None) -> Database:
    """Open the database, as a file in the folder or in memory; the caller closes it with `close_shared`.

    Raises:
        DataError: the folder, or the file in it, can't be used.
    """
    global _database
    opened = Database(folder / FILE_NAME if folder is not None else None)
    with _lock:
        _database = opened
    return opened


def shared() -> Database:
    """Return the database; one in memory where none was opened."""
    global _database
    with _lock:
        if _database is None:
            _database = Database()
        return _database


def close_shared() -> None:
    """Store what is waiting, and close the database."""
    global _database
    with _lock:
        closed, _database = _database, None
    if closed is not None:
        closed.close()
