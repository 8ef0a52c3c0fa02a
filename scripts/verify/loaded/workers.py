"""The check of the workers: all there, all told what they loaded, of one version and one service. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.plain import plain
from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.loaded.checks import WORKERS
from scripts.verify.loaded.ways import Cell, Row, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.verify.loaded.heard import Heard
    from scripts.verify.loaded.worker import Worker

ROLLOUT = "wait until the rollout is over, then look again; else end what runs the old version"
Problem = tuple[str, str]
"""What is wrong, and its remedy."""


def workers_row(heard: Heard, expected: int | None) -> Row:
    """Return the row of the workers: how many there should be, and how many told what they loaded."""
    asked = Cell("(not known)", is_known=False) if expected is None else Cell(str(expected), expected)
    count = len(heard.workers)
    return Row("workers", asked, Cell("-", is_known=False), {heard.place: Cell(str(count), count)})


def workers_result(heard: Heard, expected: int | None, path: str) -> Result:
    """Return whether everybody was heard of: *expected* workers that read *path*, alike in all else.

    A skip where all is well as far as it goes, and how many there should be is not known.
    """
    number = "workers" if expected is None else f"{expected} workers"
    wanted = f"{number}, each has told what it loaded from {path}, all alike"
    problems = [*_missing(heard, expected), *_strangers(heard, path), *_mixed(heard), *heard.doubts]
    said = plain("; ".join([_who(heard), *(text for text, _ in problems)]))
    if problems:
        return failed(WORKERS, wanted, said, "; ".join(dict.fromkeys(remedy for _, remedy in problems)))
    if expected is None:
        why = f"{said}; how many there should be is not known"
        return Result(WORKERS, Status.SKIP, wanted, why, "run under our gunicorn.conf.py, or give WORKERS")
    return passed(WORKERS, wanted, said)


def _who(heard: Heard) -> str:
    count = f"{len(heard.workers)} heard of at {heard.place}"
    if not heard.workers:
        return count
    versions = ", ".join(sorted({worker.version or "?" for worker in heard.workers}))
    return f"{count}: {listed([worker.name for worker in heard.workers])}, version {versions}"


def _missing(heard: Heard, expected: int | None) -> list[Problem]:
    problems = []
    if heard.silent:
        problems.append(
            (
                f"nothing loaded yet: {listed(heard.silent)}",
                "wait for their start; see `problems` in /health/tracing and the backend's log",
            )
        )
    more = 0 if expected is None else len(heard.workers) + len(heard.silent) - expected
    if more < 0:
        problems.append(
            (
                f"{-more} of {expected} not heard of",
                "see whether they run, and log to this group at LOG_LEVEL=INFO; correct WORKERS",
            )
        )
    if more > 0:
        problems.append(
            (
                f"{more} more than the {expected} expected",
                "wait until the old ones have ended, and for killed ones SINCE; correct WORKERS",
            )
        )
    return problems


def _strangers(heard: Heard, path: str) -> list[Problem]:
    others = _by(heard.workers, lambda worker: worker.parameter_path or "(none)")
    others.pop(path, None)
    return [
        (
            f"parameters of {other} in {listed(names)}",
            f"correct ENV or BACKEND, or start the backend with TRACING_PARAMETER_PATH={path}",
        )
        for other, names in sorted(others.items())
    ]


def _mixed(heard: Heard) -> list[Problem]:
    problems = []
    for what, by, remedy in (
        ("version", _by(heard.workers, lambda worker: worker.version or "?"), ROLLOUT),
        (
            "service",
            _by(heard.workers, lambda worker: worker.service_name),
            "give all workers the same OTEL_SERVICE_NAME, or none",
        ),
    ):
        if len(by) > 1:
            said = (f"{what} {value} in {listed(names)}" for value, names in sorted(by.items()))
            problems.append(("; ".join(said), remedy))
    return problems


def _by(workers: Sequence[Worker], what: Callable[[Worker], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for worker in workers:
        found.setdefault(what(worker), []).append(worker.name)
    return found
