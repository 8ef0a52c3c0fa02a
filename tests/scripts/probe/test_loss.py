"""Where a trace was lost, by what the worker told before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.verify.probe import loss
from scripts.verify.probe.accepted import Acceptance, CanNotTellError
from scripts.verify.probe.backend import Account, Seen, Sink
from scripts.verify.probe.waiting import Missing

WORKER, OTHER = "0a1b2c3d", "99999999"
counts = st.tuples(*[st.integers(0, 5)] * 3)


def seen(
    *numbers: int, mode: str = "direct", sink: str = "xray", worker: str = WORKER, last_error: str = ""
) -> Seen:
    """Return what a worker tells: recorded, sent, dropped of one sink."""
    recorded, sent, dropped = numbers
    sinks = {sink: Sink({"refused": dropped} if dropped else {}, last_error)}
    accounts = {WORKER: {sink: Account(recorded, sent, dropped)}}
    return Seen(worker, mode, True, 3, (), sinks, accounts, is_honeycomb=mode == "direct")


BEFORE = seen(5, 5, 0)


@pytest.mark.parametrize(
    ("after", "where"),
    [
        (seen(6, 5, 1, last_error="nothing listens"), "not taken by the X-Ray daemon (since just before it,"),
        (seen(6, 5, 0), "waiting to be sent to the X-Ray daemon"),
        (seen(6, 6, 0), "sent by the backend, and lost in the daemon or refused by X-Ray"),
        (seen(5, 5, 0), "said to be forced, and not recorded"),
        (None, "/health/tracing can't be read"),
        (
            seen(6, 6, 0, mode="otlp", sink="honeycomb"),
            "recorded, and not sent there: mode otlp sends to honeycomb",
        ),
        (seen(6, 6, 0, mode="collector", sink="honeycomb"), "taken by the collector"),
        (seen(6, 5, 1, mode="collector", sink="honeycomb"), "not taken by the collector"),
    ],
)
def test_the_hop_that_lost_it(after: Seen | None, where: str) -> None:
    """On its way to X-Ray, with what the counters say of it, and a remedy."""
    found = loss.find(BEFORE, after, WORKER, loss.XRAY)
    assert where in found.where
    assert found.remedy


def test_causes_are_told_of_the_worker_that_answers() -> None:
    """Causes and the last error are known of that one alone."""
    after = seen(6, 5, 1, last_error="nothing listens")
    assert (
        "causes so far: refused; last error: nothing listens"
        in loss.find(BEFORE, after, WORKER, loss.XRAY).where
    )
    others = seen(6, 5, 1, worker=OTHER, last_error="nothing listens")
    assert "nothing listens" not in loss.find(BEFORE, others, WORKER, loss.XRAY).where


def test_a_daemon_that_answers_with_errors_is_heard() -> None:
    """What the sampling calls through it get is the best that the backend knows of a daemon's trouble."""
    problem = "sampling calls through the X-Ray daemon fail: /SamplingTargets answers 403"
    after = Seen(
        WORKER, "direct", True, 3, ("other", problem), BEFORE.sinks, {WORKER: {"xray": Account(6, 6, 0)}}
    )
    assert problem in loss.find(BEFORE, after, WORKER, loss.XRAY).where


def test_honeycomb_is_a_hop_of_its_own() -> None:
    """What waits, and why."""
    after = seen(6, 5, 0, sink="honeycomb", last_error="it answers 401")
    found = loss.find(seen(5, 5, 0, sink="honeycomb"), after, WORKER, loss.HONEYCOMB)
    assert "waiting to be sent to Honeycomb" in found.where
    assert "last error: it answers 401" in found.where
    assert "`make rotate-honeycomb-key`" in found.remedy


def test_a_worker_that_is_gone() -> None:
    """Its last log line is what there is to look at."""
    assert "has ended since or is on another host" in loss.find(BEFORE, BEFORE, OTHER, loss.XRAY).where


def test_without_a_look_before_the_sums_are_told() -> None:
    """They may be of other requests, and say so."""
    assert "so far, worker 0a1b2c3d has recorded 6" in loss.find(None, seen(6, 5, 1), WORKER, loss.XRAY).where


@given(counts, counts)
def test_hope_ends_only_where_nothing_is_left(then: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    """For good is: something was dropped, nothing sent, nothing waits."""
    recorded, sent, dropped = (one + other for one, other in zip(then, more, strict=True))
    is_lost = loss.is_for_good(seen(*then), seen(recorded, sent, dropped), WORKER, loss.XRAY)
    assert is_lost == (more[2] > 0 and more[1] == 0 and recorded == sent + dropped)


def test_hope_stays_where_nothing_is_known() -> None:
    """Of no look before, of another worker."""
    after = seen(6, 5, 1)
    assert not loss.is_for_good(None, after, WORKER, loss.XRAY)
    assert not loss.is_for_good(BEFORE, after, OTHER, loss.XRAY)


def follow(before: Seen | None, *told: Seen) -> list[str | Missing]:
    """Return what an acceptance says after each of *told*, long after the probe."""
    answers = iter(told)
    acceptance = Acceptance(before, WORKER, lambda: next(answers), lambda: 10.0)
    return [acceptance.look() for _ in told]


def honeycombs(*numbers: int) -> Seen:
    """Return the worker's account of Honeycomb."""
    return seen(*numbers, sink="honeycomb")


def test_it_is_accepted_once_all_before_it_is_sent() -> None:
    """What was recorded at the first look has to be sent, however much comes later."""
    looked = follow(honeycombs(5, 5, 0), honeycombs(8, 7, 0), honeycombs(20, 7, 0), honeycombs(30, 8, 0))
    assert looked[:2] == [Missing(), Missing()]
    assert looked[2] == "taken by Honeycomb, by the account of worker 0a1b2c3d"


def test_a_span_that_is_dropped_is_not_accepted() -> None:
    """It may have been the probe's."""
    assert follow(honeycombs(5, 5, 0), honeycombs(6, 5, 1)) == [Missing(final=True)]


def test_nothing_is_accepted_too_early() -> None:
    """Right after the answer the probe's span may be open."""
    early = Acceptance(honeycombs(5, 5, 0), WORKER, lambda: honeycombs(6, 6, 0), lambda: 0.1)
    assert early.look() == Missing()


@pytest.mark.parametrize(
    "before", [None, seen(0, 0, 0, sink="xray"), replace(honeycombs(1, 1, 0), accounts={})]
)
def test_what_a_worker_dropped_before_it_was_known_fails_nobody(before: Seen | None) -> None:
    """Its first reading is the baseline; whether drops in it are the probe's can't be told."""
    assert follow(before, honeycombs(6, 6, 0)) == ["taken by Honeycomb, by the account of worker 0a1b2c3d"]
    with pytest.raises(CanNotTellError, match="worker 0a1b2c3d has dropped 4 spans"):
        follow(before, honeycombs(10, 6, 4))


def test_a_worker_that_began_since_has_dropped_nothing_before() -> None:
    """Where workers of one host share their accounts, one that was missing there is new."""
    others = {OTHER: {"honeycomb": Account(3, 3, 0)}}
    before = replace(honeycombs(3, 3, 0), accounts=others, is_shared=True)
    now = honeycombs(6, 5, 1)
    here = replace(now, accounts={**now.accounts, **others}, is_shared=True)
    assert follow(before, here) == [Missing(final=True)]
    with pytest.raises(CanNotTellError):
        follow(before, replace(now, is_shared=True))


def test_another_hosts_workers_have_no_say() -> None:
    """Behind a load balancer any host may answer: without the worker's own account nothing is known."""
    other = replace(honeycombs(6, 6, 0), accounts={OTHER: {"honeycomb": Account(6, 6, 0)}})
    acceptance = Acceptance(other, WORKER, lambda: other, lambda: 10.0)
    assert acceptance.look() == Missing()
    assert not acceptance.is_known
    with pytest.raises(CanNotTellError, match="no worker's id"):
        Acceptance(other, None, lambda: other, lambda: 10.0).look()


def test_only_the_loaded_endpoint_is_honeycomb() -> None:
    """Mode direct with OTEL_EXPORTER_OTLP_ENDPOINT sends to another place, which vouches for nothing."""
    elsewhere = replace(honeycombs(5, 5, 0), is_honeycomb=False)
    assert loss.next_hop(elsewhere, loss.HONEYCOMB) == "the OTLP back end"
    assert loss.next_hop(honeycombs(5, 5, 0), loss.HONEYCOMB) == "Honeycomb"
