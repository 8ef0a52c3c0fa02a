"""The options of `make verify` that ask for the three ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.arguments import duration
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

LOGS = "logs"
WORKERS_MAX = 100_000
_DIGITS_MAX = 9


@dataclass(frozen=True)
class Request:
    """Where to hear of the workers: at a backend's address, or, without one, in the log of *seconds*.

    ``workers`` is how many there should be, None where the backend is to say so.
    """

    address: str | None
    workers: int | None
    seconds: int


def add_arguments(parser: ArgumentParser) -> None:
    """Add who is asked, how many there should be, and how far back the log is read."""
    three = parser.add_argument_group("three ways: what the running workers loaded")
    three.add_argument(
        "--backend", default="", help="the workers of one host (a probe's default: http://127.0.0.1:4567)"
    )
    three.add_argument("--loaded", default="", help=f"`{LOGS}`: all workers, from the log group")
    three.add_argument("--workers", default="", help="how many there should be: tasks x workers of each")
    three.add_argument("--since", default="", help="how far back the log is read (default: 70m)")


def read(arguments: Namespace) -> Request | None:
    """Return what is asked for, None where the three ways are not. Raises OperatorError for bad values."""
    backend, loaded = arguments.backend.strip(), arguments.loaded.strip()
    workers = _workers(arguments.workers.strip())
    if not backend and not loaded:
        if workers is not None or arguments.since:
            raise OperatorError(
                "WORKERS and SINCE are given, and not where to hear of the workers",
                remedy=f"give BACKEND=http://host:port, or LOADED={LOGS}",
            )
        return None
    if backend and loaded and not getattr(arguments, "probe", False):
        raise OperatorError(
            "BACKEND and LOADED are both given",
            remedy=f"give BACKEND for the workers of one host, LOADED={LOGS} for those of all",
        )
    if backend and not loaded:
        if arguments.since:
            raise OperatorError("SINCE is given, and no log is read", remedy="leave it out, or give LOADED")
        from scripts.verify import health

        return Request(health.origin(backend), workers, 0)
    if loaded != LOGS:
        raise OperatorError(f"LOADED is {loaded[:60]!r}", remedy=f"give {LOGS}, the only one there is")
    if workers is None:
        raise OperatorError(
            "LOADED is given, and not how many workers there should be",
            remedy="give WORKERS=<tasks x workers of each>",
        )
    from scripts.verify.loaded import log_events

    return Request(None, workers, _seconds(arguments.since.strip(), log_events.DEFAULT_SECONDS))


def _workers(text: str) -> int | None:
    if not text:
        return None
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
    if not is_number or not 1 <= int(text) <= WORKERS_MAX:
        raise OperatorError(
            f"WORKERS is {text[:40]!r}, expected a whole number from 1 to {WORKERS_MAX}",
            remedy="give tasks x workers of each",
        )
    return int(text)


def _seconds(text: str, default: int) -> int:
    from argparse import ArgumentTypeError

    if not text:
        return default
    try:
        return duration(text)
    except ArgumentTypeError as error:
        raise OperatorError(f"SINCE: {error}", remedy="correct it, or leave it out for 70m") from error
