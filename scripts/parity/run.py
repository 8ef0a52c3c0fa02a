"""A run: requests sent, everything read back, compared and accounted for."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scripts.parity import backend, cloud, collect, document_facts, event_facts, traffic
from scripts.parity.accounting import Account, account
from scripts.parity.ledger import NOTHING, Comparison, Difference, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from scripts.output import Output
    from scripts.parity.backend import Workers
    from scripts.parity.facts import Facts
    from scripts.parity.traffic import Sent

PROGRESS_PARTS = 5
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
"""Any other is recorded as `_OTHER` (OpenTelemetry's semantic conventions for HTTP)."""


@dataclass(frozen=True)
class Result:
    """What a run found.

    `requests_lost` are the answered requests that no sink has a server span of, `logged` is how many spans
    the workers' last log lines say were recorded.
    """

    requests: int
    comparison: Comparison
    accounts: tuple[Account, ...]
    requests_lost: tuple[Difference, ...]
    logged: int

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that is not the same, requests without a trace included."""
        return (*self.comparison.differences, *self.requests_lost)

    @property
    def unaccounted(self) -> int:
        """How many spans nobody can account for, in both sinks together, and requests without a span.

        Where the log lines say another number than the workers' shared counters, one of both is wrong.
        """
        disagreement = max(abs(one.recorded - self.logged) for one in self.accounts)
        return sum(one.unaccounted for one in self.accounts) + len(self.requests_lost) + disagreement

    @property
    def is_good(self) -> bool:
        """Whether every span that was recorded is in both sinks, and is the same there."""
        whole = all(one.accepted == one.recorded for one in self.accounts)
        return not self.differences and not self.unaccounted and whole


def run(
    count: int, output: Output, *, between: Callable[[str], AbstractContextManager[str]] | None = None
) -> Result:
    """Send *count* requests and return what both sinks have of them.

    *between* stands between backend and daemon: it is given the daemon's address and yields the one that the
    backend sends to. Raises OperatorError where something can't be started, asked or read.
    """
    with cloud.running() as place:
        with (between or nullcontext)(place.daemon_address) as daemon_address:
            sent, workers, logged = _recorded(place, count, output, daemon_address)
            daemon = collect.daemon_counters(place)
        with output.step("reading X-Ray and Honeycomb"):
            events = collect.events(place)
            ids = collect.trace_ids(events) | {one.trace_id for one in sent if one.trace_id}
            documents = collect.documents(place.xray, ids)
            honeycomb = collect.honeycomb_counters(place)
    output.say(f"  {len(ids)} traces read")
    with output.step("comparing"):
        ours = document_facts.read(documents)
        reading = event_facts.Reading({name for facts in ours for name in facts.resource})
        theirs = event_facts.read(events, reading)
        comparison = compare(ours, theirs)
    counted: Mapping[str, Mapping[str, int]] = {"xray": daemon, "honeycomb": honeycomb}
    accepted = {"xray": comparison.in_xray, "honeycomb": comparison.in_honeycomb}
    accounts = tuple(
        account(sink, workers.recorded, accepted[sink], workers.sinks[sink], counted[sink])
        for sink in accepted
    )
    return Result(len(sent), comparison, accounts, tuple(lost_requests(sent, [*ours, *theirs])), logged)


def _recorded(
    place: cloud.Cloud, count: int, output: Output, daemon_address: str
) -> tuple[list[Sent], Workers, int]:
    with backend.running(place, daemon_address=daemon_address) as served:
        output.say(f"  backend with {backend.WORKERS} workers at {served.address}, everything sampled")
        step = max(1, count // PROGRESS_PARTS)

        def progress(done: int) -> None:
            if done % step == 0 or done == count:
                output.say(f"  {done} of {count} requests answered")

        with output.step("sending requests"):
            sent = traffic.send(served.port, count, progress)
        with output.step("the workers send what they recorded"):
            workers = served.settled()
            logged = served.stop()
    return sent, workers, logged


def lost_requests(sent: Iterable[Sent], facts: Iterable[Facts]) -> list[Difference]:
    """Return the answered requests of which no sink has a span with their trace, method, path and status."""
    served = {_request_key(one) for one in facts if "http.request.method" in one.said}
    found = []
    for one in sent:
        path = unquote(urlsplit(one.path).path)
        method = one.method if one.method in METHODS else "_OTHER"
        if (one.trace_id, method, path, one.status) not in served:
            told = f"{one.method} {one.path} answered {one.status}"
            found.append(Difference(one.trace_id or NOTHING, "", told, "request", NOTHING, NOTHING))
    return found


def _request_key(facts: Facts) -> tuple[str, str, str, int]:
    path = urlsplit(str(facts.said.get("http.request.url", ""))).path
    status = int(facts.said.get("http.response.status", 0))
    return facts.trace_id, str(facts.said["http.request.method"]), path, status
