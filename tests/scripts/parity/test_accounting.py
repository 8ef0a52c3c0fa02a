"""Every span is in the sink, gone for a cause that somebody counted, or unaccounted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from scripts.errors import OperatorError
from scripts.parity import document_facts, report
from scripts.parity.accounting import account, spans_not_kept
from scripts.parity.backend import recorded_in_log, workers_of
from scripts.parity.expected import Caller, Span
from scripts.parity.ledger import Comparison, Difference
from scripts.parity.mixed import MIXED, Request, mixture
from scripts.parity.run import Result, lost_requests
from scripts.parity.traffic import Sent, trace_headers

from .sinks import compared, documents, events, failed_request

COUNT = st.integers(0, 1000)


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_what_is_missing_is_counted_by_somebody_or_unaccounted(
    accepted: int, dropped: int, lost: int, by_kernel: int, vanished: int
) -> None:
    """The books balance, whatever happened."""
    recorded = accepted + dropped + lost + by_kernel + vanished
    one = account(
        "xray",
        recorded,
        accepted,
        {"sent": recorded - dropped - lost, "dropped": dropped, "lost": lost},
        {"dropped_by_kernel": by_kernel, "forwarded": accepted},
    )
    assert one.missing == by_kernel + vanished
    assert one.unaccounted == vanished


def test_more_than_was_recorded_is_unaccounted_too() -> None:
    """A span from nowhere is as wrong as a lost one."""
    assert account("honeycomb", 5, 7, {}, {}).unaccounted == 2


@given(COUNT, COUNT, COUNT, COUNT)
def test_what_honeycomb_let_go_is_counted_in_spans(
    spans_gone: int, annotations_gone: int, annotations: int, refused: int
) -> None:
    """Its counters are of events, and a span's own events and links are events there too."""
    gone = spans_gone + annotations_gone
    counters = {"events.refused": min(refused, gone), "events.dropped_oldest": gone - min(refused, gone)}
    expected = annotations + annotations_gone
    assert spans_not_kept(counters, annotations_expected=expected, annotations=annotations) == spans_gone


def test_a_lost_event_of_a_span_explains_no_lost_span() -> None:
    """Three events refused, two of them a span's own: one span is accounted for, another one isn't."""
    gone = spans_not_kept({"events.refused": 3}, annotations_expected=5, annotations=3)
    assert gone == 1
    assert account("honeycomb", 4, 2, {"sent": 4}, {"not_kept": gone}).unaccounted == 1


def test_the_counts_of_all_workers_are_summed() -> None:
    """Those that run and those that ended; a sink that no worker has is at nought."""
    status = {
        "workers": {
            "running": [
                {"pid": 1, "recorded": 5, "sinks": {"xray": {"sent": 4, "dropped": 1}}},
                {"pid": 2, "recorded": 2, "sinks": {"xray": {"sent": 1, "dropped": 0}}},
            ],
            "ended": {"workers": 1, "recorded": 3, "sinks": {"xray": {"sent": 1, "dropped": 1, "lost": 1}}},
        }
    }
    workers = workers_of(status)
    assert workers.recorded == 10
    assert workers.sinks["xray"] == {"sent": 6, "dropped": 2, "lost": 1}
    assert workers.sinks["honeycomb"] == {"sent": 0, "dropped": 0, "lost": 0}
    assert not workers.is_settled


def test_without_shared_counters_there_is_no_account() -> None:
    """The reason and the remedy, no guess."""
    with pytest.raises(OperatorError, match="share no counters"):
        workers_of({"workers": None})


def test_the_workers_last_words_are_summed() -> None:
    """Other lines, JSON or not, say nothing about it."""
    lines = [
        json.dumps({"message": "tracing stopped: recorded 5 spans", "recorded": 5}),
        json.dumps({"message": "something else", "recorded": 100}),
        "Traceback (most recent call last):",
        "7",
        json.dumps({"message": "tracing stopped: recorded 2 spans", "recorded": 2}),
    ]
    assert recorded_in_log("\n".join(lines)) == 7


def sent(method: str, path: str, status: int, trace_id: str) -> Sent:
    """A request and its answer."""
    return Sent(Request(method, path, status, Span("server", path, "")), Caller(), status, trace_id)


def test_a_request_that_no_sink_has_is_found() -> None:
    """By its trace, method, path and status: each of them has to be the answered request's."""
    facts = document_facts.read(documents(failed_request()))
    trace_id, path = facts[0].trace_id, "/api/activities/home"
    assert lost_requests([sent("GET", path, 500, trace_id)], facts) == []
    for wrong in (
        sent("POST", path, 500, trace_id),
        sent("GET", "/elsewhere", 500, trace_id),
        sent("GET", path, 200, trace_id),
        sent("GET", path, 500, "0" * 32),
        sent("GET", path, 500, ""),
    ):
        [difference] = lost_requests([wrong], facts)
        assert difference.fact == "request"


@given(st.integers(1, 500))
def test_a_mixture_has_every_request_where_there_is_room(count: int) -> None:
    """And is the same each time, so that two runs can be compared."""
    chosen = mixture(count)
    assert len(chosen) == count
    assert chosen == mixture(count)
    assert count < len(MIXED) or set(MIXED) <= set(chosen)


def test_trace_headers_come_in_every_form() -> None:
    """None, X-Amzn-Trace-Id with and without Parent, traceparent, both, and broken ones."""
    trace_id, parent_id = "5f84c7a1" + "0" * 23 + "1", "1" * 16
    forms, callers = zip(*(trace_headers(number, trace_id, parent_id) for number in range(12)), strict=True)
    amazon = [form["X-Amzn-Trace-Id"] for form in forms if "X-Amzn-Trace-Id" in form]
    assert {} in forms
    assert any("Parent" not in header for header in amazon)
    assert any("Parent=1" in header for header in amazon)
    assert any("traceparent" in form and "X-Amzn-Trace-Id" in form for form in forms)
    assert any("tracestate" in form for form in forms)
    assert {(one.trace_id, one.parent_id) for one in callers} == {
        (None, None),
        (trace_id, None),
        (trace_id, parent_id),
    }
    assert {one.trace_state for one in callers} == {"", "vendor=a:b,other=1"}


def result(*differences: Difference, accepted: int = 1, logged: int = 1) -> Result:
    """A run of one span."""
    comparison = Comparison(1, 1, accepted, 1, int(not differences), 0, differences)
    accounts = (
        account("xray", 1, accepted, {"sent": 1}, {}),
        account("honeycomb", 1, 1, {"sent": 1}, {}),
    )
    return Result(1, comparison, accounts, logged=logged)


DIFFERENT = Difference("0" * 32, "1" * 16, "[work]", "fault", True, {"a": [1]})


def test_a_run_is_good_only_where_everything_is_there_and_equal() -> None:
    """A difference, a missing span, or log lines that say otherwise: none of them is good."""
    assert result().is_good
    assert not result(DIFFERENT).is_good
    assert (result(accepted=0).is_good, result(accepted=0).unaccounted) == (False, 1)
    assert (result(logged=2).is_good, result(logged=2).unaccounted) == (False, 1)


def test_a_counted_loss_is_accounted_for_and_not_good() -> None:
    """Parity is that the span is there."""
    lossy = Result(
        1,
        Comparison(1, 1, 0, 1, 0, 0, (DIFFERENT,)),
        (account("xray", 1, 0, {"sent": 1}, {"dropped_by_kernel": 1}), account("honeycomb", 1, 1, {}, {})),
        logged=1,
    )
    assert (lossy.unaccounted, lossy.is_good) == (0, False)


def test_what_was_not_expected_is_not_good() -> None:
    """A span that a request has to leave and neither sink has: both agree, and it is told and counted."""
    good = result()
    missing = Difference("0" * 32, "", "client SELECT", "expected span", "(nothing)", "(nothing)", "once")
    found = Result(1, good.comparison, good.accounts, surprises=(missing,), logged=1)
    assert not found.is_good
    assert report.summary(found) == (
        "1 requests, 1 traces, 1 spans: 1 equal, 0 different, 1 unexpected, 0 unaccounted"
    )
    document = json.loads(report.to_json(found))
    assert (document["unexpected"], document["differences"][0]["expected"]) == (1, "once")


def test_another_run_is_not_set_against_what_nobody_counted() -> None:
    """Without a backend there is no account, and the line says so."""
    found = Result(0, result().comparison, ())
    assert found.is_good
    assert report.summary(found) == "1 traces, 1 spans: 1 equal, 0 different, not set against any backend"


def test_json_has_the_contracts_shape() -> None:
    """Every difference is in it, with both values."""
    document = json.loads(report.to_json(result(DIFFERENT)))
    figures = ("requests", "traces", "spans", "equal", "different", "unexpected", "unaccounted")
    assert [document[name] for name in figures] == [1, 1, 1, 0, 1, 0, 0]
    assert set(document["sinks"]) == {"xray", "honeycomb"}
    [difference] = document["differences"]
    assert (difference["fact"], difference["xray"], difference["honeycomb"]) == ("fault", True, {"a": [1]})


def test_the_tables_show_one_of_each_kind_first() -> None:
    """Twenty at most, brackets are no markup, and the counts of all kinds are told."""
    many = [Difference(f"{number:032x}", "1" * 16, "x", "name", "a", "b") for number in range(50)]
    found = result(*many, DIFFERENT)
    console = Console(width=150, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(report.differences_table(found))
        console.print(report.accounts_table(found))
    text = console.export_text()
    assert "[work]" in text
    assert text.count(" name ") <= report.DIFFERENCES_SHOWN + 1
    assert report.kinds(found) == "name 50, fault 1"


def test_what_both_sinks_have_makes_no_difference_in_the_report() -> None:
    """Nothing is shown where nothing differs."""
    same = compared(documents(failed_request()), events(failed_request()))
    assert json.loads(report.to_json(Result(1, same, result().accounts, logged=1)))["differences"] == []
