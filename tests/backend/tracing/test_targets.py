"""The sampling calls, against a real HTTP server in the daemon's place."""

import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.tracing.rules import daemon_client
from services.tracing.rules.daemon_client import DaemonClient
from services.tracing.rules.targets import RULES_INTERVAL_SECONDS, TargetPoller
from services.tracing.sampling import RuleSampler
from tests.backend.tracing.bad_servers import dripping, raw_server
from tests.backend.tracing.servers import Answer, HttpServer, Request, closed_port, http_server
from xray.sampling import SamplingRule

RULE = SamplingRule("service", 9000, 0.0, 5, service_name="cruddur")
NOW = 1_795_000_000.0


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def targets(*documents: dict[str, Any], modified_at: float = 0.0) -> dict[str, Any]:
    """Return the answer to a report."""
    return {"SamplingTargetDocuments": list(documents), "LastRuleModification": modified_at}


def answering(rules: list[SamplingRule], answer: Callable[[], dict[str, Any]]) -> Callable[[Request], Answer]:
    """Serve both calls."""

    def handle(request: Request) -> Answer:
        if request.path == "/GetSamplingRules":
            return Answer.of({"SamplingRuleRecords": [{"SamplingRule": rule.to_api()} for rule in rules]})
        return Answer.of(answer())

    return handle


def poller(
    server: HttpServer | tuple[str, int], clock: Clock, *rules: SamplingRule
) -> tuple[TargetPoller, RuleSampler]:
    """Return a poller that only polls when told, and its sampler."""
    sampler = RuleSampler("cruddur", rules or (RULE,), clock=clock, chance=lambda: 0.99)
    address = server if isinstance(server, tuple) else server.address
    return TargetPoller(sampler, DaemonClient(address), clock=clock), sampler


def test_what_was_decided_is_reported_and_the_quota_taken() -> None:
    """The report has X-Ray's form; the quota counts from then on, until its TTL."""
    clock = Clock()
    answer = targets(
        {
            "RuleName": "service",
            "FixedRate": 0.0,
            "ReservoirQuota": 3,
            "ReservoirQuotaTTL": NOW + 60,
            "Interval": 10,
        }
    )
    with http_server(answering([RULE], lambda: answer)) as server:
        polling, sampler = poller(server, clock)
        decided = [sampler.decide("h", "GET", "/").sampled for _ in range(4)]
        polling.poll()
    request = server.requests[0]
    assert request.path == "/SamplingTargets"
    (document,) = request.json()["SamplingStatisticsDocuments"]
    assert decided == [True, False, False, False]
    assert document == {
        "RuleName": "service",
        "ClientID": polling.client_id,
        "Timestamp": NOW,
        "RequestCount": 4,
        "SampledCount": 1,
        "BorrowCount": 1,
    }
    assert len(polling.client_id) == 24
    clock.now += 1
    assert sum(sampler.decide("h", "GET", "/").sampled for _ in range(10)) == 3
    clock.now += 60
    assert sum(sampler.decide("h", "GET", "/").sampled for _ in range(10)) == 1
    assert polling.last_error is None


def test_at_most_25_documents_go_into_a_call() -> None:
    """26 rules, X-Ray's most with Default, take two calls."""
    rules = [replace(RULE, rule_name=f"r{number:02}", url_path=f"/{number}") for number in range(26)]
    with http_server(answering(rules, targets)) as server:
        polling, sampler = poller(server, Clock(), *rules)
        for number in range(26):
            sampler.decide("h", "GET", f"/{number}")
        polling.poll()
    sizes = [
        len(request.json()["SamplingStatisticsDocuments"])
        for request in server.requests
        if request.path == "/SamplingTargets"
    ]
    assert sizes == [25, 1]


@pytest.mark.parametrize("ahead", [0, 3600, -3600], ids=["right", "ahead", "behind"])
def test_changed_rules_are_read_once(ahead: float) -> None:
    """Another modification leads to one reading, whatever our clock says; the first may be a missed one."""
    clock = Clock()
    clock.now += ahead
    changed = replace(RULE, fixed_rate=1.0)
    rules, modified = [RULE], [NOW - 100]

    def answer(request: Request) -> Answer:
        return answering(rules, lambda: targets(modified_at=modified[0]))(request)

    with http_server(answer) as server:
        polling, sampler = poller(server, clock)
        polling.poll()
        polling.poll()
        clock.now += 10
        rules[0], modified[0] = changed, NOW + 5
        polling.poll()
        polling.poll()
    reading = ["/SamplingTargets", "/GetSamplingRules", "/SamplingTargets"]
    assert [request.path for request in server.requests] == [*reading, *reading]
    assert sampler.states()[0].rule == changed


def test_rules_are_read_every_five_minutes() -> None:
    """Also where no modification is told."""
    clock = Clock()
    with http_server(answering([RULE], dict)) as server:
        polling, _ = poller(server, clock)
        clock.now += RULES_INTERVAL_SECONDS
        polling.poll()
        polling.poll()
    assert [request.path for request in server.requests].count("/GetSamplingRules") == 1


def test_rules_are_read_where_reports_fail() -> None:
    """A role that may read rules but not report goes on with fresh rules, and the failure stays noted."""
    clock = Clock()
    changed = replace(RULE, fixed_rate=1.0)
    answering_rules = answering([changed], targets)

    def answer(request: Request) -> Answer:
        return Answer(403, b"denied") if request.path == "/SamplingTargets" else answering_rules(request)

    with http_server(answer) as server:
        polling, sampler = poller(server, clock)
        clock.now += RULES_INTERVAL_SECONDS
        polling.poll()
    assert sampler.states()[0].rule == changed
    assert "/SamplingTargets was answered 403" in (polling.last_error or "")


def test_changed_rules_that_can_not_be_read_are_read_later() -> None:
    """A modification is told in one report only, its reading is tried until it succeeds."""
    clock = Clock()
    changed = replace(RULE, fixed_rate=1.0)
    answering_both = answering([changed], lambda: targets(modified_at=NOW + 1))
    failures = [Answer(500, b"no")]

    def answer(request: Request) -> Answer:
        is_failing = request.path == "/GetSamplingRules" and failures
        return failures.pop() if is_failing else answering_both(request)

    with http_server(answer) as server:
        polling, sampler = poller(server, clock)
        polling.poll()
        assert sampler.states()[0].rule == RULE
        polling.poll()
    assert sampler.states()[0].rule == changed
    assert polling.last_error is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"no"),
        Answer(200, b"no JSON"),
        Answer(200, b"[]"),
        Answer.of({"SamplingTargetDocuments": [{"FixedRate": 1}]}),
        Answer.of({"SamplingTargetDocuments": 7}),
        Answer(200, b'{"SamplingTargetDocuments": [{"RuleName": "service", "ReservoirQuota": 1e999}]}'),
        Answer(200, b'{"SamplingTargetDocuments": [{"RuleName": "service", "FixedRate": NaN}]}'),
        Answer(200, b'{"SamplingTargetDocuments": [{"RuleName": "service", "ReservoirQuotaTTL": 1e300}]}'),
        Answer(200, b'{"LastRuleModification": 1' + b"0" * 400 + b"}"),
    ],
)
def test_a_broken_answer_loses_no_counts(answer: Answer) -> None:
    """The error is noted, the next report holds the counts, and the rules go on deciding."""
    with http_server(lambda _: answer) as server:
        polling, sampler = poller(server, Clock())
        sampler.decide("h", "GET", "/")
        polling.poll()
    assert polling.last_error is not None
    assert sampler.states()[0].take_counts().requests == 1


def test_an_absent_daemon_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """One line when the calls begin to fail, and one when they work again."""
    address = closed_port(socket.SOCK_STREAM)
    polling, _ = poller(address, Clock())
    with caplog.at_level("INFO"):
        polling.poll()
        polling.poll()
        assert "can't be reached" in (polling.last_error or "")
        polling._client = DaemonClient(address)
        with http_server(answering([RULE], targets)) as server:
            polling._client = DaemonClient(server.address)
            polling.poll()
    messages = [record.getMessage() for record in caplog.records]
    assert [("fail" in message, "work again" in message) for message in messages] == [
        (True, False),
        (False, True),
    ]


def test_unprocessed_statistics_are_said_once_and_reported_again(caplog: pytest.LogCaptureFixture) -> None:
    """Once a rule and code until X-Ray takes them again; no count is lost, nor one of the rule beside."""
    other = replace(RULE, rule_name="other", url_path="/other")
    codes: list[str | None] = ["500", "500", "400", None, "500"]

    def answer() -> dict[str, Any]:
        code = codes.pop(0)
        if code is None:
            return {}
        return {"UnprocessedStatistics": [{"RuleName": "service", "ErrorCode": code, "Message": "stale"}]}

    with http_server(answering([RULE, other], answer)) as server:
        polling, sampler = poller(server, Clock(), other, RULE)
        for _ in range(5):
            sampler.decide("h", "GET", "/")
            sampler.decide("h", "GET", "/other")
            polling.poll()
    reported: dict[str, list[int]] = {}
    for request in server.requests:
        for document in request.json()["SamplingStatisticsDocuments"]:
            reported.setdefault(document["RuleName"], []).append(document["RequestCount"])
    assert reported == {"service": [1, 2, 3, 4, 1], "other": [1] * 5}
    messages = [record.getMessage() for record in caplog.records]
    assert [message.split("of ")[1][:18] for message in messages] == [
        f"service: {code} stale" for code in ("500", "400", "500")
    ]
    assert polling.last_error is None


@pytest.mark.parametrize("drop", [b"x", b"x" * 100_000], ids=["dripping", "huge"])
def test_an_answer_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch, drop: bytes) -> None:
    """The poller gives it up and reports again later."""
    monkeypatch.setattr(daemon_client, "ANSWER_MAX_SECONDS", 0.3)
    monkeypatch.setattr(daemon_client, "ANSWER_MAX_BYTES", 1_000_000)
    with raw_server(dripping(b"HTTP/1.1 200 OK\r\n\r\n", drop)) as (url, _):
        address = urlsplit(url)
        polling, sampler = poller((str(address.hostname), int(address.port or 0)), Clock())
        sampler.decide("h", "GET", "/")
        polling.poll()
    assert "its answer" in str(polling.last_error)
    assert sampler.states()[0].take_counts().requests == 1


def test_a_poller_stops_at_once() -> None:
    """Waiting for the next poll doesn't hold the process."""
    polling, _ = poller(closed_port(socket.SOCK_STREAM), Clock())
    polling.start()
    polling.stop()
    polling.wait(10)
    assert polling._thread is not None
    assert not polling._thread.is_alive()
