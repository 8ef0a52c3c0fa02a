"""Where the application's log lines go."""

import logging.config


def configure_logging(level: str) -> None:
    """Send this process's log lines of `level` and above to standard output, as JSON. May be called again."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": "services.logging.request_formatter.RequestFormatter"}},
            "handlers": {
                "stdout": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "stream": "ext://sys.stdout",
                }
            },
            # At DEBUG botocore logs whole answers, and with them the decrypted key.
            "loggers": {"botocore": {"level": level if level in {"ERROR", "CRITICAL"} else "WARNING"}},
            "root": {"level": level, "handlers": ["stdout"]},
        }
    )
