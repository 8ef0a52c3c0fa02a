"""How gunicorn serves the backend.

Imports nothing of the backend's but the reader: gunicorn reads this before gevent has patched the
standard library, and what is imported then keeps unpatched sockets and locks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from environment import EnvironmentReader
from errors import SettingsError

DEFAULT_PORT = 4567
GRACEFUL_TIMEOUT_MAX_SECONDS = 600
WORKER_CLASSES = ("gthread", "gevent", "sync")


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Settings of the process, apart from the application's own.

    Attributes:
        bind: BIND and PORT as `address:port`; loopback unless told otherwise.
        workers: GUNICORN_WORKERS, processes.
        threads: GUNICORN_THREADS, in each worker of class gthread. One for sync: with more gunicorn makes
            it gthread.
        worker_class: GUNICORN_WORKER_CLASS, one of gthread, gevent, sync.
        graceful_timeout_seconds: GUNICORN_GRACEFUL_TIMEOUT, after how long a stopping worker is killed.
            Of these, tracing's shutdown deadline and 3, or at most half, are kept for sending what is
            recorded, which ends before the kill; requests have the rest.
        log_level: LOG_LEVEL, of gunicorn's own lines too.
    """

    bind: str
    workers: int
    threads: int
    worker_class: str
    graceful_timeout_seconds: int
    log_level: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: with every malformed value.
        """
        reader = EnvironmentReader(environment)
        worker_class = reader.choice("GUNICORN_WORKER_CLASS", default="gthread", choices=WORKER_CLASSES)
        address = reader.host("BIND", default="127.0.0.1")
        port = reader.integer("PORT", default=DEFAULT_PORT, minimum=1, maximum=65_535)
        settings = cls(
            bind=f"{address}:{port}",
            workers=reader.integer("GUNICORN_WORKERS", default=2, minimum=1, maximum=256),
            threads=reader.integer(
                "GUNICORN_THREADS", default=1 if worker_class == "sync" else 8, minimum=1, maximum=1024
            ),
            worker_class=worker_class,
            graceful_timeout_seconds=reader.integer(
                "GUNICORN_GRACEFUL_TIMEOUT", default=30, minimum=1, maximum=GRACEFUL_TIMEOUT_MAX_SECONDS
            ),
            log_level=read_log_level(reader),
        )
        if settings.worker_class == "sync" and settings.threads > 1:
            reader.problems.append(
                f"GUNICORN_THREADS is {settings.threads}, but GUNICORN_WORKER_CLASS=sync has one thread:"
                " unset GUNICORN_THREADS, or set GUNICORN_WORKER_CLASS=gthread"
            )
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


def read_log_level(reader: EnvironmentReader) -> str:
    """Return LOG_LEVEL, as the name that the standard library gives it."""
    return reader.choice(
        "LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    )
