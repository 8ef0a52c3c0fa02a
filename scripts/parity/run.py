"""A run: requests sent, everything read back, compared and accounted for."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scripts.parity import backend, cloud, collect, document_facts, event_facts, expected, traffic
from scripts.parity.accounting import NOT_KEPT, Account, account, spans_not_kept
from scripts.parity.expected import Expected
from scripts.parity.ledger import NOTHING, ONCE, Comparison, Difference, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from scripts.output import Output
    from scripts.parity.backend import Workers
    from scripts.parity.facts import Facts
    from scripts.parity.traffic import Sent

PROGRESS_PARTS = 5
CLOCK_SECONDS = 60
"""As much earlier than the run X-Ray is asked from: its time is the whole second of an id."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
"""Any other is recorded as `_OTHER` (OpenTelemetry's semantic conventions for HTTP)."""


@dataclass(frozen=True)
class Result:
    """What was found.

    `requests` were sent and `requests_lost` are those of them that no sink has a server span of; `surprises`
    is what differs from what they had to leave behind. `logged` is how many spans the workers' last log lines
    say were recorded, None where nobody stopped them.
    """

    requests: int
    comparison: Comparison
    accounts: tuple[Account, ...]
    requests_lost: tuple[Difference, ...] = ()
    surprises: tuple[Difference, ...] = ()
    logged: int | None = None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that is not the same, or not as expected."""
        return (*self.comparison.differences, *self.requests_lost, *self.surprises)

    @property
    def unaccounted(self) -> int:
        """How many spans nobody can account for, in both sinks together, and requests without a span.

        Where the log lines say another number than the workers' shared counters, one of both is wrong.
        """
        disagreement = 0
        if self.logged is not None:
            disagreement = max(abs(one.recorded - self.logged) for one in self.accounts)
        return sum(one.unaccounted for one in self.accounts) + len(self.requests_lost) + disagreement

    @property
    def is_good(self) -> bool:
        """Whether every span that was recorded is in both sinks, is the same there, and was expected."""
        whole = all(one.accepted == one.recorded for one in self.accounts)
        return not self.differences and not self.unaccounted and whole


def run(
    count: int, output: Output, *, between: Callable[[str], AbstractContextManager[str]] | None = None
) -> Result:
    """Send *count* requests and return what both sinks have of them.

    *between* stands between backend and daemon: it is given the daemon's address and yields the one that the
    backend sends to. Raises OperatorError where something can't be started, asked or read.
    """
    begun = time.monotonic()
    with cloud.running() as place:
        with (between or nullcontext)(place.daemon_address) as daemon_address:
            sent, workers, logged = _recorded(place, count, output, daemon_address)
            daemon = collect.daemon_counters(place)
        with output.step("reading X-Ray and Honeycomb"):
            told = collect.events(place)
            ids = collect.trace_ids(told) | {one.trace_id for one in sent if one.trace_id}
            ids |= collect.xray_trace_ids(place.xray, int(time.monotonic() - begun) + CLOCK_SECONDS)
            documents = collect.documents(place.xray, ids)
            counters = collect.honeycomb_counters(place)
    output.say(f"  {len(ids)} traces read")
    with output.step("comparing"):
        ours = document_facts.read(documents)
        reading = event_facts.Reading({name for facts in ours for name in facts.resource})
        theirs = event_facts.read(told, reading)
        comparison = compare(ours, theirs, callers=_callers(sent))
        surprises = (*_statuses(sent), *expected.differences(_expected(sent), theirs))
    honeycomb = {
        NOT_KEPT: spans_not_kept(
            counters,
            annotations_expected=sum(one.request.spans.annotations for one in sent),
            annotations=event_facts.count_annotations(told),
        )
    }
    return Result(
        len(sent),
        comparison,
        accounts_of(comparison, workers, {"xray": daemon, "honeycomb": honeycomb}),
        tuple(lost_requests(sent, [*ours, *theirs])),
        surprises,
        logged,
    )


def accounts_of(
    comparison: Comparison, workers: Workers, counted: Mapping[str, Mapping[str, int]]
) -> tuple[Account, ...]:
    """Return each sink's account: what *workers* recorded, what is there, what *counted* has as gone."""
    accepted = {"xray": comparison.in_xray, "honeycomb": comparison.in_honeycomb}
    return tuple(
        account(sink, workers.recorded, there, workers.sinks[sink], counted[sink])
        for sink, there in accepted.items()
    )


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


def _callers(sent: Iterable[Sent]) -> set[tuple[str, str]]:
    """Return the spans, recorded nowhere, that the requests named as their parents."""
    named = (one.caller for one in sent)
    return {(one.trace_id, one.parent_id) for one in named if one.trace_id and one.parent_id}


def _expected(sent: Iterable[Sent]) -> Iterator[Expected]:
    return (Expected(one.trace_id, one.request.spans, one.caller) for one in sent if one.trace_id)


def _statuses(sent: Iterable[Sent]) -> Iterator[Difference]:
    """Yield the requests that were answered with another status than they have to be."""
    for one in sent:
        if one.status != one.request.status:
            name = f"{one.request.method} {one.request.path}"
            yield Difference(
                one.trace_id or NOTHING, "", name, "expected answer", NOTHING, one.status, one.request.status
            )


def lost_requests(sent: Iterable[Sent], facts: Iterable[Facts]) -> list[Difference]:
    """Return the answered requests of which no sink has a span with their trace, method, path and status."""
    served = {_request_key(one) for one in facts if "http.request.method" in one.said}
    found = []
    for one in sent:
        request = one.request
        path = unquote(urlsplit(request.path).path)
        method = request.method if request.method in METHODS else "_OTHER"
        if (one.trace_id, method, path, one.status) not in served:
            told = f"{request.method} {request.path} answered {one.status}"
            found.append(Difference(one.trace_id or NOTHING, "", told, "request", NOTHING, NOTHING, ONCE))
    return found


def _request_key(facts: Facts) -> tuple[str, str, str, int]:
    path = urlsplit(str(facts.said.get("http.request.url", ""))).path
    status = int(facts.said.get("http.response.status", 0))
    return facts.trace_id, str(facts.said["http.request.method"]), path, status
