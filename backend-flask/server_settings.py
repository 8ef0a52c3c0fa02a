"""How gunicorn serves the backend.

Imports nothing of the backend's but the reader: gunicorn reads this before gevent has patched the
standard library, and what is imported then keeps unpatched sockets and locks.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from environment import EnvironmentReader
from errors import SettingsError

DEFAULT_KEEP_ALIVE_SECONDS = 75
"""Longer than a load balancer keeps an idle connection: 60 seconds unless it is told otherwise."""
DEFAULT_PORT = 4567
GRACEFUL_TIMEOUT_MAX_SECONDS = 600
KEEP_ALIVE_MAX_SECONDS = 4060
"""A minute beyond the longest that an Application Load Balancer keeps idle connections.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html.
"""
SHARED_MEMORY = "/dev/shm"  # noqa: S108
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
        keep_alive_seconds: GUNICORN_KEEP_ALIVE, after how long an idle connection is closed.
        worker_tmp_dir: GUNICORN_WORKER_TMP_DIR, the folder of the workers' heartbeat files; memory where
            there is some, so that the root file system may be read-only. None leaves it to gunicorn.
        log_level: LOG_LEVEL, of gunicorn's own lines too.
    """

    bind: str
    workers: int
    threads: int
    worker_class: str
    graceful_timeout_seconds: int
    keep_alive_seconds: int
    worker_tmp_dir: str | None
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
            keep_alive_seconds=reader.integer(
                "GUNICORN_KEEP_ALIVE",
                default=DEFAULT_KEEP_ALIVE_SECONDS,
                minimum=1,
                maximum=KEEP_ALIVE_MAX_SECONDS,
            ),
            worker_tmp_dir=_worker_tmp_dir(environment, reader.problems),
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


def _worker_tmp_dir(environment: Mapping[str, str], problems: list[str]) -> str | None:
    given = environment.get("GUNICORN_WORKER_TMP_DIR", "").strip()
    if not given:
        return SHARED_MEMORY if _can_be_written(SHARED_MEMORY) else None
    if not _can_be_written(given):
        problems.append(
            f"GUNICORN_WORKER_TMP_DIR is {given[:60]!r}, expected a folder that can be written:"
            " correct it or unset it"
        )
    return given


def _can_be_written(folder: str) -> bool:
    # Of a file system that is mounted read-only, access says so to root as well.
    return os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)  # noqa: PTH112
