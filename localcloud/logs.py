"""Logs to stderr, one line each."""

import logging
import sys
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class OneLineFormatter(logging.Formatter):
    """Writes an exception as its type and the place where it was raised, and everything on one line.

    An exception's text is left out: it may quote what a request carried, and that may be a secret.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        """Return `Type at file:line`."""
        kind, _, traceback = ei
        while traceback is not None and traceback.tb_next is not None:
            traceback = traceback.tb_next
        place = ""
        if traceback is not None:
            place = f" at {traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"
        return f"{kind.__name__ if kind else 'no exception'}{place}"

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        return super().format(record).replace("\r", "").replace("\n", " | ")


def start_logging() -> None:
    """Send the local cloud's logs, and others' warnings, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("localcloud").setLevel(logging.INFO)
