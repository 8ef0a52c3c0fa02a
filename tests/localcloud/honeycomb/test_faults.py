"""Faults of every path, and connections that are dropped."""

import json

import pytest
import requests

from .conftest import KEY, Honeycomb, span, trace_request

GOOD = trace_request(span()).SerializeToString()


def test_a_fault_is_of_the_paths_that_begin_as_it_says(honeycomb: Honeycomb) -> None:
    """Other paths are answered as ever; traces are the default."""
    fault = {"status": 503, "path": "/1/"}
    assert honeycomb.control("faults", "PUT", fault)["path"] == "/1/"
    assert honeycomb.post(GOOD).status == 200
    answers = [honeycomb.api("GET", "/1/auth"), honeycomb.api("POST", "/1/events/cruddur", {"a": 1})]
    assert [answer.status for answer in answers] == [503, 503]
    assert answers[0].json() == {"error": "Service Unavailable"}
    honeycomb.control("faults", "PUT", {"status": 500, "path": "/"})
    assert [honeycomb.post(GOOD).status, honeycomb.api("GET", "/2/auth").status] == [500, 500]
    honeycomb.control("faults", "PUT", {"status": 500})
    assert [honeycomb.post(GOOD).status, honeycomb.api("GET", "/1/auth").status] == [500, 200]
    assert honeycomb.control("counters")["events.stored"] == 1


def test_a_fault_comes_after_as_many_requests_as_it_says(honeycomb: Honeycomb) -> None:
    """Those are let through; then it happens until it has happened as often as it says."""
    told = honeycomb.control("faults", "PUT", {"status": 429, "retry_after": 7, "after": 2, "remaining": 1})
    assert (told["after"], told["remaining"]) == (2, 1)
    answers = [honeycomb.post(GOOD) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 429, 200]
    assert answers[2].headers["retry-after"] == "7"
    assert honeycomb.control("faults") == {}


@pytest.mark.parametrize("path", ["/v1/traces", "/1/auth"])
def test_a_connection_is_dropped_without_an_answer(honeycomb: Honeycomb, path: str) -> None:
    """The client sees it closed; nothing is stored, and the next request works."""
    honeycomb.control("faults", "PUT", {"drop": True, "path": path, "after": 1, "remaining": 1})
    headers = {"x-honeycomb-team": KEY, "content-type": "application/x-protobuf"}
    method, body = ("POST", GOOD) if path == "/v1/traces" else ("GET", None)

    def ask() -> int:
        return requests.request(
            method, honeycomb.url + path, data=body, headers=headers, timeout=20
        ).status_code

    assert ask() == 200
    with pytest.raises(requests.ConnectionError):
        ask()
    assert ask() == 200
    assert honeycomb.control("counters")["faults_applied"] == 1
    assert honeycomb.control("counters")["events.stored"] == (2 if path == "/v1/traces" else 0)


@pytest.mark.parametrize(
    "document",
    [
        {"path": "1/"},
        {"path": ""},
        {"path": 1},
        {"path": "/_localcloud/health"},
        {"path": "/" + 1_000 * "x"},
        {"drop": 1},
        {"drop": None},
        {"after": 0},
        {"after": True},
        {"after": 1_000_001},
    ],
)
def test_fields_out_of_range_are_refused(honeycomb: Honeycomb, document: object) -> None:
    """The message says what was expected, and no fault is on."""
    answer = honeycomb.call("PUT", "/_localcloud/faults", json.dumps(document).encode())
    assert (answer.status, "expected" in answer.json()["error"]) == (400, True)
    assert honeycomb.control("faults") == {}


def test_control_requests_have_no_faults(honeycomb: Honeycomb) -> None:
    """Otherwise one could not be switched off."""
    honeycomb.control("faults", "PUT", {"status": 500, "path": "/"})
    assert honeycomb.control("health") == {"status": "ok"}
    assert honeycomb.control("faults", "DELETE") == {}


@pytest.mark.parametrize("delay", ["1" + "0" * 400, "1e400", "NaN", "-1", "60.5", "true", '"1"'])
def test_a_delay_is_a_number_from_0_to_60(honeycomb: Honeycomb, delay: str) -> None:
    """Whatever else is there is refused, also what no float holds."""
    answer = honeycomb.call("PUT", "/_localcloud/faults", f'{{"delay_seconds": {delay}}}'.encode())
    assert (answer.status, answer.json()) == (
        400,
        {"error": "faults: delay_seconds: expected a number of seconds from 0 to 60"},
    )
