"""Control requests, and the faults they switch on."""

import json

import pytest
from google.rpc.status_pb2 import Status as RpcStatus

from .conftest import Honeycomb, span, trace_request

GOOD = trace_request(span()).SerializeToString()


def test_health(honeycomb: Honeycomb) -> None:
    """The server is ready when it answers."""
    assert honeycomb.control("health") == {"status": "ok"}


def test_counters_tell_what_happened(honeycomb: Honeycomb) -> None:
    """Requests by status, events by fate."""
    honeycomb.post(GOOD)
    honeycomb.post(b"\xff")
    honeycomb.post(GOOD, key="wrong")
    assert honeycomb.control("counters") == {
        "requests": 3,
        "requests.200": 1,
        "requests.400": 1,
        "requests.401": 1,
        "events.received": 1,
        "events.stored": 1,
        "events.refused": 0,
        "events.dropped_oldest": 0,
        "events.kept": 1,
        "faults_applied": 0,
    }


def test_an_unknown_trace_has_no_events(honeycomb: Honeycomb) -> None:
    """So that one can ask until they arrive."""
    assert honeycomb.control("traces/" + "0" * 32) == {"trace_id": "0" * 32, "events": []}


def test_a_short_trace_is_found_by_its_long_id(honeycomb: Honeycomb) -> None:
    """An id of 64 bits is kept short, and may be asked for with its zeros."""
    long = "0" * 16 + "f798a1e7f33c8af6"
    honeycomb.post(trace_request(span(trace_id=bytes.fromhex(long))).SerializeToString())
    assert len(honeycomb.events(long)) == len(honeycomb.events(long[16:])) == 1


def test_every_event_is_found_page_by_page(honeycomb: Honeycomb) -> None:
    """In order of arrival, a thousand at a time; the last page says that it is the last."""
    for first in range(0, 2_500, 500):
        spans = [span(name=str(number)) for number in range(first, first + 500)]
        honeycomb.post(trace_request(*spans).SerializeToString())
    first = honeycomb.control("events/0")
    assert first["next"] == len(first["events"]) == 1_000
    last = honeycomb.control("events/2000")
    assert (last["next"], len(last["events"])) == (None, 500)
    names = [event["data"]["name"] for event in first["events"]]
    assert names == [str(number) for number in range(1_000)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "traces/", 400),
        ("GET", "traces/xyz", 400),
        ("GET", "traces/" + "0" * 31, 400),
        ("GET", "events/x", 400),
        ("GET", "events/-1", 400),
        ("GET", "nothing", 404),
        ("POST", "health", 404),
        ("GET", "health/more", 404),
    ],
)
def test_requests_that_make_no_sense(honeycomb: Honeycomb, method: str, path: str, status: int) -> None:
    """They get an error in JSON."""
    response = honeycomb.call(method, f"/_localcloud/{path}")
    assert (response.status, set(response.json())) == (status, {"error"})


def test_a_fault_fails_as_many_requests_as_it_says(honeycomb: Honeycomb) -> None:
    """Then requests are taken again; nothing of the failed ones is stored."""
    fault = {"status": 429, "retry_after": 3, "remaining": 2}
    assert honeycomb.control("faults", "PUT", fault) == {**fault, "delay_seconds": 0}
    answers = [honeycomb.post(GOOD) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert RpcStatus.FromString(answers[0].body).message == "Request dropped due to rate limiting."
    assert honeycomb.control("faults") == {}
    assert len(honeycomb.events()) == 1
    assert honeycomb.control("counters")["faults_applied"] == 2


def test_a_fault_without_a_number_lasts_until_it_is_switched_off(honeycomb: Honeycomb) -> None:
    """DELETE switches it off; a status without a name in HTTP works too."""
    honeycomb.control("faults", "PUT", {"status": 599})
    assert [honeycomb.post(GOOD).status for _ in range(3)] == [599] * 3
    assert honeycomb.control("faults", "DELETE") == {}
    assert honeycomb.post(GOOD).status == 200


def test_a_delay_alone_lets_the_request_through(honeycomb: Honeycomb) -> None:
    """Other paths are answered meanwhile, as ever."""
    honeycomb.control("faults", "PUT", {"delay_seconds": 0.01})
    assert honeycomb.post(GOOD).status == 200
    assert honeycomb.control("counters")["faults_applied"] == 1


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"stat": 429},
        {"status": "429"},
        {"status": 200},
        {"status": 600},
        {"status": True},
        {"retry_after": -1},
        {"retry_after": 1.5},
        {"delay_seconds": -1},
        {"delay_seconds": "1"},
        {"delay_seconds": 61},
        {"delay_seconds": True},
        {"remaining": 0},
    ],
)
def test_faults_out_of_range_are_refused(honeycomb: Honeycomb, document: object) -> None:
    """The message says what was expected, and no fault is on."""
    response = honeycomb.call("PUT", "/_localcloud/faults", json.dumps(document).encode())
    assert response.status == 400
    assert "expected" in response.json()["error"]
    assert honeycomb.control("faults") == {}


@pytest.mark.parametrize("body", [b"", b"{", b'{"delay_seconds":NaN}', b"[" * 100_000])
def test_faults_that_are_no_json_are_refused(honeycomb: Honeycomb, body: bytes) -> None:
    """Neither are numbers that JSON has not."""
    assert honeycomb.call("PUT", "/_localcloud/faults", body).status == 400
