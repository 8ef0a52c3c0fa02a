"""`/1/events` and `/1/batch`."""

import gzip
import json
import time
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.api.event_times import time_of

from .conftest import KEY, Honeycomb, zstd

EVENTS = "/1/events/My%20Dataset"
BATCH = "/1/batch/My%20Dataset"


def stored(honeycomb: Honeycomb) -> list[dict[str, Any]]:
    """Every event that is kept."""
    found: list[dict[str, Any]] = honeycomb.control("events/0")["events"]
    return found


def test_an_event_is_stored(honeycomb: Honeycomb) -> None:
    """With its time, its rate and its fields; the answer is empty."""
    headers = {"x-honeycomb-samplerate": "5", "x-honeycomb-event-time": "2023-11-14T22:13:20.000000007Z"}
    answer = honeycomb.api(
        "POST", EVENTS, {"method": "GET", "ms": 1.5, "n": 2**62, "ok": True}, headers=headers
    )
    assert (answer.status, answer.body) == (200, b"")
    assert stored(honeycomb) == [
        {
            "dataset": "My Dataset",
            "time": "2023-11-14T22:13:20.000000007Z",
            "samplerate": 5,
            "data": {"method": "GET", "ms": 1.5, "n": 2**62, "ok": True},
        }
    ]


def test_a_batch_tells_each_events_fate(honeycomb: Honeycomb) -> None:
    """In order; those that are good are stored, whatever the others are."""
    batch: list[Any] = [
        {"time": "2023-11-14T22:13:20Z", "samplerate": 3, "data": {"n": 0}},
        {"data": {}},
        {"data": {f"field{number}": 1 for number in range(2_001)}},
        {"data": [1]},
        "event",
        {},
        {"data": {"text": "x" * 1_000_001}},
        {"data": {"n": 1}},
    ]
    answer = honeycomb.api("POST", BATCH, batch)
    assert answer.status == 200
    empty = {"status": 400, "error": "Request body should not be empty."}
    malformed = {"status": 400, "error": "Request body is malformed and cannot be read."}
    assert answer.json()[:6] == [
        {"status": 202},
        empty,
        {"status": 400, "error": "Event has too many columns."},
        malformed,
        malformed,
        empty,
    ]
    assert [each["status"] for each in answer.json()[6:]] == [202, 202]
    kept = stored(honeycomb)
    assert [event["data"].get("n") for event in kept] == [0, None, 1]
    assert [event["samplerate"] for event in kept] == [3, 1, 1]


def test_long_texts_are_cut_and_large_events_refused(honeycomb: Honeycomb) -> None:
    """64 KB of a text are kept; an event of more than 1 MB is too large."""
    assert honeycomb.api("POST", EVENTS, {"text": "x" * 70_000}).status == 200
    assert len(stored(honeycomb)[0]["data"]["text"]) == 65_536
    wide = {f"field{number}": "x" * 60_000 for number in range(20)}
    answer = honeycomb.api("POST", EVENTS, wide)
    assert (answer.status, answer.json()) == (400, {"error": "Request body is too large."})
    assert honeycomb.api("POST", BATCH, [{"data": wide}]).json() == [
        {"status": 400, "error": "Request body is too large."}
    ]
    assert len(stored(honeycomb)) == 1


def test_objects_become_json_unless_the_dataset_unpacks_them(honeycomb: Honeycomb) -> None:
    """As deep as the dataset says; lists are always text, and null is no field."""
    event = {"a": {"b": {"c": 1}}, "list": [1, "x"], "none": None}
    honeycomb.api("POST", "/1/events/plain", event)
    honeycomb.api("POST", "/1/datasets", {"name": "deep", "expand_json_depth": 1})
    honeycomb.api("POST", "/1/events/deep", event)
    plain, deep = stored(honeycomb)
    assert plain["data"] == {"a": '{"b":{"c":1}}', "list": '[1,"x"]'}
    assert deep["data"] == {"a.b": '{"c":1}', "list": '[1,"x"]'}


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(json.dumps({"n": 1}).encode(), ""), (gzip.compress(b'{"n":1}'), "gzip"), (zstd(b'{"n":1}'), "zstd")],
    ids=["plain", "gzip", "zstd"],
)
def test_bodies_may_be_compressed(honeycomb: Honeycomb, body: bytes, encoding: str) -> None:
    """With gzip or zstd; a type isn't asked for."""
    headers = {"x-honeycomb-team": KEY} | ({"content-encoding": encoding} if encoding else {})
    assert honeycomb.call("POST", EVENTS, body, headers).status == 200
    assert stored(honeycomb)[0]["data"] == {"n": 1}


def test_a_real_client_sends_json(honeycomb: Honeycomb) -> None:
    """As `requests` does, over one connection."""
    with requests.Session() as session:
        session.headers["X-Honeycomb-Team"] = KEY
        for number in range(3):
            answer = session.post(f"{honeycomb.url}{BATCH}", json=[{"data": {"n": number}}], timeout=20)
            assert answer.json() == [{"status": 202}]
    assert [event["data"]["n"] for event in stored(honeycomb)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (b"", {}, 400, "Request body should not be empty."),
        (b"  ", {}, 400, "Request body should not be empty."),
        (b"{}", {}, 400, "Request body should not be empty."),
        (b"[1]", {}, 400, "Request body is malformed and cannot be read."),
        (b"{", {}, 400, "Request body is malformed and cannot be read."),
        (b'{"a":1e999}', {}, 400, "Request body is malformed and cannot be read."),
        (b'{"a":NaN}', {}, 400, "Request body is malformed and cannot be read."),
        (b'{"a":' + b"9" * 5_000 + b"}", {}, 400, "Request body is malformed and cannot be read."),
        (b"[" * 100_000, {}, 400, "Request body is malformed and cannot be read."),
        (b"x", {"content-encoding": "gzip"}, 400, "Request body is malformed and cannot be read."),
        (b" " * 1_000_001, {}, 400, "Request body is too large."),
        (
            b"\x80",
            {"content-type": "application/msgpack"},
            415,
            "expected a Content-Type of application/json",
        ),
        (
            b"{}",
            {"content-encoding": "br"},
            415,
            "expected a Content-Encoding of gzip or zstd, or none",
        ),
    ],
)
def test_bad_bodies_are_refused(
    honeycomb: Honeycomb, body: bytes, headers: dict[str, str], status: int, error: str
) -> None:
    """With Honeycomb's texts; nothing is stored."""
    for path in (EVENTS, BATCH) if not body.startswith((b"{}", b"[1]", b" " * 9)) else (EVENTS,):
        answer = honeycomb.call("POST", path, body, {"x-honeycomb-team": KEY} | headers)
        assert (answer.status, answer.json()["error"]) == (status, error)
    assert stored(honeycomb) == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (rb"\ud800", "\N{REPLACEMENT CHARACTER}"),
        (rb"\ud83d\ude00", "\N{GRINNING FACE}"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        (rb"\u0000", "\0"),
    ],
)
def test_what_is_no_text_is_replaced(honeycomb: Honeycomb, text: bytes, kept: str) -> None:
    """In values and in names, as Go's decoder does."""
    assert honeycomb.api("POST", EVENTS, b'{"value": "' + text + b'", "' + text + b'": 1}').status == 200
    assert stored(honeycomb)[0]["data"] == {"value": kept, kept: 1}


def test_whole_numbers_beyond_64_bits_become_floats(honeycomb: Honeycomb) -> None:
    """The largest and the smallest that fit stay exact."""
    assert honeycomb.api("POST", EVENTS, {"a": 2**63 - 1, "b": -(2**63), "c": 2**63}).status == 200
    assert stored(honeycomb)[0]["data"] == {"a": 2**63 - 1, "b": -(2**63), "c": float(2**63)}


@pytest.mark.parametrize("dataset", ["__all__", "%20", "x" * 256])
def test_names_that_are_none_are_not_found(honeycomb: Honeycomb, dataset: str) -> None:
    """The environment, a blank, and one that is too long."""
    answer = honeycomb.api("POST", f"/1/events/{dataset}", {"a": 1})
    assert (answer.status, answer.json()) == (404, {"error": "dataset not found"})


def test_without_a_time_it_is_that_of_arrival(honeycomb: Honeycomb) -> None:
    """So is one that makes no sense, and one in the future."""
    before = time.time()
    for when in ("", "yesterday", "2999-01-01T00:00:00Z"):
        honeycomb.api("POST", EVENTS, {"a": 1}, headers={"x-honeycomb-event-time": when})
    for event in stored(honeycomb):
        kept = time_of(event["time"])
        assert kept is not None
        assert before <= kept / 1e9 + 1e-3
        assert kept / 1e9 <= time.time()


@pytest.mark.parametrize(
    ("value", "time_ns"),
    [
        ("2016-01-14T08:55:30.927Z", 1_452_761_730_927_000_000),
        ("2016-01-14T09:55:30.927+01:00", 1_452_761_730_927_000_000),
        ("2016-01-14T03:25:30-05:30", 1_452_761_730_000_000_000),
        ("2016-01-14t08:55:30.1234567899z", 1_452_761_730_123_456_789),
        ("1452761730", 1_452_761_730_000_000_000),
        ("1452761730927", 1_452_761_730_927_000_000),
        ("1452761730927123", 1_452_761_730_927_123_000),
        ("1452761730927123456", 1_452_761_730_927_123_456),
        ("1452761730.927", 1_452_761_730_927_000_000),
        (1452761730, 1_452_761_730_000_000_000),
        (1452761730.5, 1_452_761_730_500_000_000),
        ("2016-01-14", None),
        ("2016-13-14T08:55:30Z", None),
        ("2016-01-14T08:55:30", None),
        ("145276173", None),
        ("٣" * 10, None),
        ("-1452761730", None),
        ("9" * 30, None),
        (True, None),
        (float("nan"), None),
        (None, None),
        ([], None),
    ],
)
def test_times_in_every_form(value: object, time_ns: int | None) -> None:
    """RFC 3339, and seconds since 1970 with decimals behind a point or behind ten digits."""
    assert time_of(value) == time_ns


@given(st.text() | st.integers() | st.floats() | st.binary())
def test_any_value_is_a_time_or_none(value: object) -> None:
    """Within 64 bits."""
    found = time_of(value)
    assert found is None or 0 < found < 2**63


@pytest.mark.parametrize(("rate", "kept"), [(7, 7), (2.5, 3), ("4", 4), (0, 1), (-2, 1), ([], 1), (True, 1)])
def test_rates_are_whole_numbers_from_one(honeycomb: Honeycomb, rate: object, kept: int) -> None:
    """What is none counts as one."""
    honeycomb.api("POST", BATCH, [{"samplerate": rate, "data": {"a": 1}}])
    assert stored(honeycomb)[0]["samplerate"] == kept


def test_a_field_without_a_name_is_left_out(honeycomb: Honeycomb) -> None:
    """An event that has nothing else has no fields."""
    batch = [{"data": {"": 1, "a": 2}}, {"data": {"": 1}}]
    answers = honeycomb.api("POST", "/1/batch/d", batch).json()
    assert [answer["status"] for answer in answers] == [202, 400]
    assert [one["data"] for one in honeycomb.control("events/0")["events"]] == [{"a": 2}]


def test_packed_management_bodies_are_bounded_as_they_are_sent(honeycomb: Honeycomb) -> None:
    """Before they are unpacked, however little is in them."""
    packed = gzip.compress(b"", mtime=0) * 6_000
    answer = honeycomb.api("POST", "/1/boards", packed, headers={"content-encoding": "gzip"})
    assert answer.status == 413
