"""What is known of a database that fails."""

import contextlib
import logging
from collections.abc import Iterator

import duckdb

from localcloud.honeycomb.errors import StorageError

log = logging.getLogger(__name__)


class Failure:
    """Turns the database's errors into StorageError; of several in a row the first one is logged.

    A database that DuckDB gave up stays so, and the reason of that is the one that is told.
    """

    def __init__(self) -> None:
        self._reason: str | None = None
        self._is_final = False

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Raise StorageError for the database's errors within the block."""
        try:
            yield
        except duckdb.Error as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            failure = StorageError(reason)
            if self._reason is None:
                log.error("%s", failure)  # noqa: TRY400 - in one line
            if not self._is_final:
                self._reason = reason
            # DuckDB answers nothing more after these.
            self._is_final |= isinstance(error, duckdb.FatalException | duckdb.InternalException)
            raise failure from error

    def check(self) -> None:
        """Raise StorageError where the database was given up."""
        if self._is_final and self._reason is not None:
            raise StorageError(self._reason)

    def end(self) -> None:
        """Note that it works again."""
        self._reason = None
