"""gunicorn's own log lines as JSON."""

from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from services.logging.formatter import JsonFormatter


class JsonLogger(Logger):  # type: ignore[misc]
    """Leaves gunicorn's logging options as they are documented and changes only the lines' form."""

    def setup(self, cfg: Config) -> None:
        """Give every handler that gunicorn made our formatter."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(JsonFormatter())
