"""A log record as one line of JSON."""

import json
import logging
import traceback
from datetime import UTC, datetime

from services.logging.secrets import without_secrets

_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes timestamp, level, logger, message and pid, then the context's fields and the record's extras.

    ASCII only, control characters escaped: a line stays one line and can't command a terminal. What looks
    like a secret is not written.
    """

    def context(self) -> dict[str, object]:
        """Return fields of what is going on when the line is written; none here."""
        return {}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON. An exception adds `exception.type`, `exception.message`, `traceback`."""
        document: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
            **self.context(),
            **_exception_fields(record),
        }
        for name, value in record.__dict__.items():
            if name not in _OF_EVERY_RECORD:
                document.setdefault(name, value)
        try:
            line = json.dumps(document, default=str, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            line = json.dumps({name: _plain(value) for name, value in document.items()})
        return without_secrets(line)


def _exception_fields(record: logging.LogRecord) -> dict[str, object]:
    if not record.exc_info or record.exc_info[1] is None:
        return {}
    error = record.exc_info[1]
    return {
        "exception.type": f"{type(error).__module__}.{type(error).__qualname__}",
        "exception.message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }


def _plain(value: object) -> object:
    """Return what JSON can't say (NaN, circles, keys of other types) as its `repr`."""
    return value if value is None or isinstance(value, str | bool | int) else repr(value)
