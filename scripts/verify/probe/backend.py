"""What a backend tells of itself under /health/tracing, as far as a probe is concerned.

The address is the operator's, and what answers there may be anything: all of it is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError
from scripts.verify import health
from scripts.verify.probe.header import WORKER_FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_ADDRESS = "http://127.0.0.1:4567"
ASKED_FOR_A_WORKER_MAX = 3
"""How often it is asked until a certain worker of several answers."""
KEY_PARAMETER = "honeycomb/api-key"
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
    """What one answer told. ``accounts`` are by worker's id, then by sink, of all workers that it knows of.

    ``worker`` is empty where the backend, an older one, tells no ids; then there are no accounts.
    ``is_shared`` tells that they are of all workers of that host. ``possible`` is None where the backend
    knows no probes, as an older one; or while tracing isn't started. ``key_versions`` are SSM's versions of
    the key that its workers hold. ``is_honeycomb`` tells that its OTLP sink sends where the parameters say.
    """

    worker: str
    mode: str
    possible: bool | None
    key_version: int | None
    problems: tuple[str, ...]
    sinks: Mapping[str, Sink]
    accounts: Mapping[str, Mapping[str, Account]] = field(default_factory=dict)
    is_shared: bool = False
    key_versions: frozenset[int] = frozenset()
    is_honeycomb: bool = False


def read(address: str) -> Seen:
    """Return what the worker that answers tells. Raises OperatorError where that is nothing of use."""
    document = health.document(address)
    try:
        return _seen(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OperatorError(
            f"{address}{health.PATH} does not tell of tracing ({type(error).__name__}: {error})",
            remedy="is that the backend, and of this version?",
        ) from error


def read_worker(address: str, worker: str | None, *, has_time: Callable[[], bool]) -> Seen:
    """Return what *worker*, by its id, tells; what another does, where it doesn't answer soon.

    Each request is a connection of its own, and any worker may take it. Another's answer has the account, and
    lacks causes. Asks ASKED_FOR_A_WORKER_MAX times at most, and only as long as *has_time*.
    """
    seen = read(address)
    for _ in range(ASKED_FOR_A_WORKER_MAX - 1):
        if worker is None or seen.worker == worker or not has_time():
            break
        seen = read(address)
    return seen


def _seen(document: Mapping[str, Any]) -> Seen:
    worker = _id(document["worker"])
    probes = document.get("probes")
    sinks = {
        str(name): Sink(
            {str(cause): _whole(count) for cause, count in sink["dropped"].items()},
            str(sink["last_error"] or "")[:_TEXT_MAX_CHARACTERS],
        )
        for name, sink in document["sinks"].items()
    }
    accounts: dict[str, Mapping[str, Account]] = {worker: _own(document)}
    workers = document.get("workers")
    if workers is not None:
        accounts |= {_id(running): _of_worker(running) for running in workers["running"]}
    accounts.pop("", None)
    version = probes["key_version"] if probes is not None else None
    versions = {version, *_loaded_versions(document)} - {None}
    return Seen(
        worker=worker,
        mode=str(document["mode"]),
        possible=None if probes is None else probes["possible"] is True,
        key_version=None if version is None else _whole(version),
        problems=tuple(str(problem)[:_TEXT_MAX_CHARACTERS] for problem in document["problems"]),
        sinks=sinks,
        accounts=accounts,
        is_shared=workers is not None,
        key_versions=frozenset(map(_whole, versions)),
        is_honeycomb=(document.get("otlp") or {}).get("is_loaded_endpoint") is True,
    )


def _id(worker: Mapping[str, Any]) -> str:
    """Return a worker's id; empty for an older backend's, which has none."""
    found = worker.get("id", "")
    if found and not WORKER_FORM.fullmatch(found):
        raise ValueError("a worker's id is not 8 hexadecimal digits")
    return str(found)


def _loaded_versions(document: Mapping[str, Any]) -> list[Any]:
    """Return which version of the key each worker of the host says that it has loaded."""
    loaded = [worker["loaded"] for worker in (document.get("loaded") or {}).get("workers", ())]
    parameters = [one["parameters"] for one in loaded if one is not None]
    return [one[KEY_PARAMETER]["version"] for one in parameters if KEY_PARAMETER in one]


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
