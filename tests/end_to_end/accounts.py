"""What became of every span of a backend: the workers' common accounts, and what the sinks really hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from tests.end_to_end.backend import control, tracing_of, until
from tests.end_to_end.traces import in_honeycomb, in_xray

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.backend import Stage

SINKS = ("xray", "honeycomb")


@dataclass(frozen=True)
class Account:
    """One sink's sums over all workers, running and ended; recorded are sampled spans that ended."""

    recorded: int
    sent: int
    dropped: int
    lost: int


def workers_of(backend: BackendProcess) -> Mapping[str, Any]:
    """Return what /health/tracing says of all workers; every worker tells the same.

    A worker that is just ending may take a connection and not answer: then another is asked.
    """

    def read() -> Mapping[str, Any] | None:
        try:
            return tracing_of(backend)
        except requests.ConnectionError:
            return None

    document = until(read, lambda document: document is not None)
    assert document is not None
    workers: Mapping[str, Any] = document["workers"]
    return workers


def pids_of(workers: Mapping[str, Any]) -> set[int]:
    """Return the pids of the running workers."""
    return {worker["pid"] for worker in workers["running"]}


def accounts_of(workers: Mapping[str, Any]) -> dict[str, Account]:
    """Return each sink's account. Fails where what ended workers recorded isn't accounted for."""
    ended, running = workers["ended"], workers["running"]
    recorded = ended["recorded"] + sum(worker["recorded"] for worker in running)
    accounts = {}
    for name in SINKS:
        sink = ended["sinks"].get(name, {"sent": 0, "dropped": 0, "lost": 0})
        assert ended["recorded"] == sink["sent"] + sink["dropped"] + sink["lost"], (name, ended)
        assert min(sink.values()) >= 0, (name, ended)
        accounts[name] = Account(
            recorded,
            sink["sent"] + sum(worker["sinks"][name]["sent"] for worker in running),
            sink["dropped"] + sum(worker["sinks"][name]["dropped"] for worker in running),
            sink["lost"],
        )
    return accounts


def settled_accounts(backend: BackendProcess) -> dict[str, Account]:
    """Wait until no running worker holds a span any more; return each sink's account."""
    return accounts_of(until(lambda: workers_of(backend), _is_settled))


def _is_settled(workers: Mapping[str, Any]) -> bool:
    return all(
        worker["recorded"] == worker["sinks"][name]["sent"] + worker["sinks"][name]["dropped"]
        for worker in workers["running"]
        for name in SINKS
    )


def held(stage: Stage, trace_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Return how many spans of each of these traces each sink holds at the moment."""
    found = {
        "xray": in_xray(stage.xray, trace_ids),
        "honeycomb": in_honeycomb(stage.honeycomb, trace_ids),
    }
    return {name: {key: len(spans) for key, spans in traces.items()} for name, traces in found.items()}


def held_together(stage: Stage, trace_ids: Collection[str]) -> dict[str, int]:
    """Return how many spans X-Ray holds of these traces, and Honeycomb of this backend in any trace."""
    datasets = control(stage.honeycomb, "datasets")["datasets"]
    return {
        "xray": sum(map(len, in_xray(stage.xray, trace_ids).values())),
        "honeycomb": sum(dataset["events"] for dataset in datasets if dataset["name"] == stage.name),
    }
