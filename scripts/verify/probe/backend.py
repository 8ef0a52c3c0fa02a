"""What a backend tells of itself under /health/tracing, as far as a probe is concerned.

The address is the operator's, and what answers there may be anything: all of it is checked.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from scripts.errors import OperatorError
from scripts.verify.loaded.host import origin

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ADDRESS = "http://127.0.0.1:4567"
STATUS_PATH = "/health/tracing"
TIMEOUT_SECONDS = (3.0, 10.0)
BODY_MAX_BYTES = 4 * 1024 * 1024
BODY_MAX_SECONDS = 15.0
ASKED_FOR_A_WORKER_MAX = 20
"""How often it is asked until a certain worker of several answers."""
_TEXT_MAX_CHARACTERS = 300


@dataclass(frozen=True)
class Account:
    """What became of one worker's spans in one sink; ``dropped`` is all of them, whatever the cause."""

    recorded: int
    sent: int
    dropped: int


@dataclass(frozen=True)
class Sink:
    """More than the account, of the worker that answered alone: causes of drops, and the last error."""

    causes: Mapping[str, int]
    last_error: str


@dataclass(frozen=True)
class Seen:
    """What one answer told. ``accounts`` are by worker's pid, then by sink, of all workers that it knows of.

    ``possible`` is None where the backend knows no probes, as an older one; or while tracing isn't started.
    """

    pid: int
    mode: str
    possible: bool | None
    key_version: int | None
    problems: tuple[str, ...]
    sinks: Mapping[str, Sink]
    accounts: Mapping[int, Mapping[str, Account]] = field(default_factory=dict)


def checked_address(text: str) -> str:
    """Return a backend's address without a last slash. Raises OperatorError where it is none."""
    try:
        return origin(text)
    except ValueError as error:
        raise OperatorError(f"BACKEND is {text.rpartition('@')[2][:60]!r}", remedy=str(error)) from error


def read(address: str) -> Seen:
    """Return what the worker that answers tells. Raises OperatorError where that is nothing of use."""
    url = f"{address}{STATUS_PATH}"
    document = _document(url)
    try:
        return _seen(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OperatorError(
            f"{url} does not tell of tracing ({type(error).__name__}: {error})",
            remedy="is that the backend, and of this version?",
        ) from error


def read_worker(address: str, pid: int | None) -> Seen:
    """Return what the worker *pid* tells; what another does, where it doesn't answer soon or isn't known.

    Each request is a connection of its own, and any worker may take it.
    """
    seen = read(address)
    for _ in range(ASKED_FOR_A_WORKER_MAX):
        if pid is None or seen.pid == pid or pid not in seen.accounts:
            break
        seen = read(address)
    return seen


def _document(url: str) -> Any:
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
            status, body = answer.status_code, b""
            until = time.monotonic() + BODY_MAX_SECONDS
            for chunk in answer.iter_content(65536):
                body += chunk
                if len(body) > BODY_MAX_BYTES or time.monotonic() > until:
                    raise OperatorError(f"{url} answers without end", remedy="is that the backend?")
    except requests.RequestException as error:
        raise OperatorError(
            f"{url} can't be reached ({type(error).__name__})",
            remedy="start it with `make backend`, or set BACKEND to its address",
        ) from error
    if status != requests.codes.ok:
        raise OperatorError(
            f"{url} answers with HTTP {status}", remedy="set BACKEND to the backend's address"
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise OperatorError(f"{url} answers with no JSON", remedy="is that the backend?") from error


def _seen(document: Mapping[str, Any]) -> Seen:
    pid = _whole(document["worker"]["pid"])
    probes = document.get("probes")
    sinks = {
        str(name): Sink(
            {str(cause): _whole(count) for cause, count in sink["dropped"].items()},
            str(sink["last_error"] or "")[:_TEXT_MAX_CHARACTERS],
        )
        for name, sink in document["sinks"].items()
    }
    accounts: dict[int, Mapping[str, Account]] = {pid: _own(document)}
    workers = document.get("workers")
    if workers is not None:
        accounts |= {_whole(worker["pid"]): _of_worker(worker) for worker in workers["running"]}
    version = probes["key_version"] if probes is not None else None
    return Seen(
        pid=pid,
        mode=str(document["mode"]),
        possible=None if probes is None else probes["possible"] is True,
        key_version=None if version is None else _whole(version),
        problems=tuple(str(problem)[:_TEXT_MAX_CHARACTERS] for problem in document["problems"]),
        sinks=sinks,
        accounts=accounts,
    )


def _own(document: Mapping[str, Any]) -> dict[str, Account]:
    queue = document["queue"]
    recorded, queue_dropped = _whole(queue["recorded"]), _whole(queue["dropped"])
    return {
        str(name): Account(
            recorded, _whole(sink["sent"]), queue_dropped + sum(map(_whole, sink["dropped"].values()))
        )
        for name, sink in document["sinks"].items()
    }


def _of_worker(worker: Mapping[str, Any]) -> dict[str, Account]:
    recorded = _whole(worker["recorded"])
    return {
        str(name): Account(recorded, _whole(sink["sent"]), _whole(sink["dropped"]))
        for name, sink in worker["sinks"].items()
    }


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r:.40} is no whole number")
    return value
