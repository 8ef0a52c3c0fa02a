"""What a worker tells of what it loaded: when, to whom, how much, and no secret in it."""

import hashlib
import hmac
import json
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.logging.formatter import JsonFormatter
from services.tracing.loaded import worker_texts
from services.tracing.loaded.document import (
    DOCUMENT_MAX_BYTES,
    as_json,
    loaded_document,
    rule_document,
    within_bounds,
)
from services.tracing.loaded.fingerprint import LABEL, key_fingerprint
from services.tracing.loaded.teller import (
    AGAIN,
    PARAMETERS,
    RETELL_SECONDS,
    RULES,
    START,
    STOP,
    Teller,
    workers_loaded,
)
from services.tracing.loaded.worker_texts import TEXT_MAX_BYTES, WorkerTexts
from services.tracing.resources import Group, LoadedResources
from services.tracing.sending.otlp_target import Target
from services.tracing.sending.worker_counts import WorkerCounts
from services.tracing.startup.parameters import API_KEY, DATASET, Parameter
from xray.sampling import SamplingRule

KEY = "hcaik_" + 58 * "k"
RULE = SamplingRule("service", 9000, 0.1, 5, service_name="cruddur")
OTHERS = SamplingRule("others", 100, 1.0, 1, service_name="another")
RESOURCES = LoadedResources(
    {
        API_KEY: Parameter(KEY, 4, "2026-11-18T11:06:40+00:00"),
        DATASET: Parameter("set", 1, "2026-11-18T00:00Z"),
    },
    Group("cruddur", "arn:g", 'service("cruddur")'),
    (RULE, OTHERS),
    "2026-11-18T12:00:00+00:00",
)
LOADED_KEY = Target("https://x/v1/traces", {"x-honeycomb-team": KEY}, has_loaded_key=True)


def document(**changes: Any) -> dict[str, Any]:
    """Return what a worker would tell."""
    values: dict[str, Any] = {
        "attributes": {
            "service.name": "cruddur",
            "service.version": "1.2.3",
            "aws.ecs.task.arn": "arn:aws:ecs:us-east-1:123456789012:task/cluster/0123abcd",
        },
        "service_type": "AWS::ECS::Container",
        "mode": "direct",
        "parameter_path": "/cruddur/dev/backend-flask",
        "resources": RESOURCES,
        "rules": RESOURCES.rules,
        "target": LOADED_KEY,
    }
    return loaded_document(**{**values, **changes})


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=20, max_size=100))
def test_a_keys_fingerprint_is_eight_digits_of_hmac_sha256(key: str) -> None:
    """The public label is the message, the key the key: whoever has the key can work it out."""
    expected = hmac.new(key.encode(), LABEL, hashlib.sha256).hexdigest()
    assert key_fingerprint(key) == expected[:8]


@given(st.text(max_size=19))
def test_what_is_too_short_for_a_key_has_no_fingerprint(key: str) -> None:
    """It could be guessed, and its fingerprint would say when the guess is right."""
    assert key_fingerprint(key) is None


def test_the_document_has_versions_and_no_values() -> None:
    """The key by version and fingerprint; group and rules as they were read; where the worker runs."""
    told = document()
    text = json.dumps(told)
    assert KEY not in text
    assert '"set"' not in text
    assert told["parameters"][API_KEY] == {"version": 4, "last_modified": "2026-11-18T11:06:40+00:00"}
    assert told["key"] == {"source": "parameter", "version": 4, "fingerprint": key_fingerprint(KEY)}
    assert told["group"] == {"name": "cruddur", "arn": "arn:g", "filter_expression": 'service("cruddur")'}
    assert (told["version"], told["task"], told["mode"]) == ("1.2.3", "0123abcd", "direct")
    assert {rule["name"]: rule["decides"] for rule in told["rules"]} == {"service": True, "others": False}
    assert told["rules"][0]["fixed_rate"] == 0.1


def test_a_key_of_a_variable_has_no_version() -> None:
    """The parameter is not what this worker sends with."""
    told = document(target=replace(LOADED_KEY, has_loaded_key=False))
    assert told["key"] == {"source": "variable", "version": None, "fingerprint": key_fingerprint(KEY)}
    assert document(target=Target("http://collector/v1/traces"))["key"] is None


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 400), st.integers(0, 128), st.integers(0, 40_000))
def test_a_document_is_bounded_and_says_what_it_leaves_out(
    count: int, length: int, filter_length: int
) -> None:
    """Rules of other services go first, then all rules, then the filter; who and where always stays."""
    rules = [replace(RULE, rule_name=f"r{number}", url_path="p" * length) for number in range(count)]
    group = replace(RESOURCES.group, filter_expression="f" * filter_length)
    whole = document(rules=[*rules, *[OTHERS] * count], resources=replace(RESOURCES, group=group))
    told = within_bounds(whole)
    assert len(as_json(told)) <= DOCUMENT_MAX_BYTES <= TEXT_MAX_BYTES
    assert told["version"] == "1.2.3"
    assert told.get("is_cut", False) == (told != whole)
    if told["rules"] is not None:
        assert {rule["name"] for rule in told["rules"]} >= {rule.rule_name for rule in rules}


def test_all_rules_that_an_account_may_have_are_told() -> None:
    """25 rules with every field as long as X-Ray takes it."""
    rule = SamplingRule("n" * 32, 9999, 0.123456, 5, "s" * 64, "t" * 64, "h" * 64, "m" * 10, "p" * 128)
    told = within_bounds(document(rules=[rule] * 25))
    assert told["rules"] == [rule_document(rule, "cruddur", "AWS::ECS::Container")] * 25


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.binary(min_size=1, max_size=200)), max_size=30))
def test_each_slot_has_the_text_that_was_written_last(writes: list[tuple[int, bytes | None]]) -> None:
    """None clears it; the other slots keep theirs."""
    texts, expected = WorkerTexts(3), dict.fromkeys(range(3))
    known: dict[int, bytes | None] = {**expected}
    for number, text in writes:
        if text is None:
            texts.clear(number)
        else:
            texts.write(number, text)
        known[number] = text
        assert {slot: texts.read(slot) for slot in range(3)} == known


def test_a_text_that_is_too_long_is_refused() -> None:
    """The longest one fills its slot, and no other."""
    texts = WorkerTexts(2)
    texts.write(1, b"next")
    texts.write(0, b"x" * TEXT_MAX_BYTES)
    assert texts.read(1) == b"next"
    with pytest.raises(ValueError, match="at most"):
        texts.write(0, b"x" * (TEXT_MAX_BYTES + 1))
    assert texts.read(0) == b"x" * TEXT_MAX_BYTES


def test_a_reader_sees_whole_texts_only() -> None:
    """A worker writes long and short texts as fast as it can; whatever is read is one of them."""
    texts = WorkerTexts(1)
    whole = [bytes([65 + number]) * (1 + number * 3000) for number in range(8)]
    child = os.fork()
    if child == 0:
        for number in range(20_000):
            texts.write(0, whole[number % 8])
        os._exit(0)
    seen: set[bytes] = set()
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        text = texts.read(0)
        if text is not None:
            seen.add(text)
    assert seen <= set(whole)
    assert texts.read(0) == whole[19_999 % 8]


def test_what_a_killed_worker_was_writing_is_read_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGKILL in the middle of it; the parent clears the slot, and the next worker writes there."""
    counts = WorkerCounts(1)
    number = counts.reserve()
    assert number is not None
    child = os.fork()
    if child == 0:
        slot = counts.take(number)
        slot.tell(b"first")
        die = SimpleNamespace(crc32=lambda _: os.kill(os.getpid(), signal.SIGKILL))
        monkeypatch.setattr(worker_texts, "zlib", die)
        slot.tell(b"second")
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert counts.loaded()["workers"] == [{"pid": child, "slot": 0, "loaded": None}]
    counts.end(number, child)
    assert counts.loaded()["workers"] == []
    counts.take(counts.reserve() or 0).tell(b"third")
    assert counts.loaded()["workers"] == [{"pid": os.getpid(), "slot": 0, "loaded": b"third"}]


def test_a_worker_that_has_loaded_nothing_is_listed() -> None:
    """It is there, and nothing is known of it; how many there should be is the parent's word."""
    counts = WorkerCounts()
    counts.want(2)
    slots = [counts.take(counts.reserve() or 0) for _ in range(2)]
    slots[1].tell(as_json({"a": 1}))
    told = workers_loaded(None, counts.loaded(), 7)
    assert told["wanted"] == 2
    assert [worker["loaded"] for worker in told["workers"]] == [None, {"a": 1}]
    assert workers_loaded(None, None, 7) == {
        "wanted": None,
        "workers": [{"pid": 7, "slot": None, "loaded": None}],
    }


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def telling(
    caplog: pytest.LogCaptureFixture, look: Callable[[], dict[str, Any]], clock: Clock
) -> tuple[Teller, Callable[[], list[Any]]]:
    """Return a teller, and what reads its events out of the log, as lines of JSON have them."""
    caplog.set_level(logging.INFO)
    formatter = JsonFormatter()

    def events() -> list[Any]:
        lines = [json.loads(formatter.format(record)) for record in caplog.records]
        return [line["loaded"] for line in lines if line.get("event") == "tracing.loaded"]

    return Teller(look, slot=None, is_logged=True, clock=clock), events


def test_it_is_told_at_the_start_when_rules_change_and_each_hour(caplog: pytest.LogCaptureFixture) -> None:
    """Polls that find the same rules say nothing until the hour is over."""
    clock, now = Clock(), document()
    teller, events = telling(caplog, lambda: now, clock)
    teller.polled()
    assert events() == []
    teller.tell(START)
    teller.polled()
    now = document(rules=[replace(RULE, fixed_rate=0.5)])
    teller.polled()
    teller.polled()
    clock.now += RETELL_SECONDS
    teller.polled()
    teller.polled()
    teller.tell(STOP)
    assert [(event["cause"], event["number"]) for event in events()] == [
        (START, 1),
        (RULES, 2),
        (AGAIN, 3),
        (STOP, 4),
    ]
    assert [event["rules"][0]["fixed_rate"] for event in events()] == [0.1, 0.5, 0.5, 0.5]
    assert {event["pid"] for event in events()} == {os.getpid()}


def test_a_worker_is_not_stopped_while_a_later_session_works(caplog: pytest.LogCaptureFixture) -> None:
    """A session that began before another one stops silently, in the slot and in the log alike."""
    caplog.set_level(logging.INFO)
    counts = WorkerCounts(1)
    number = counts.reserve()
    assert number is not None
    slot = counts.take(number)
    first, second = (
        Teller(lambda name=name: document(parameter_path=name), slot=slot, is_logged=True)  # type: ignore[misc]
        for name in ("/first", "/second")
    )

    def told() -> tuple[str, str]:
        [worker] = counts.loaded()["workers"]
        text = json.loads(worker["loaded"])
        return text["cause"], text["parameter_path"]

    first.tell(START)
    second.tell(PARAMETERS)
    assert told() == (START, "/first")
    second.tell(START)
    for cause in (PARAMETERS, RULES, STOP):
        first.tell(cause)
    assert told() == (START, "/second")
    second.tell(STOP)
    assert told() == (STOP, "/second")
    events = [vars(record)["loaded"] for record in caplog.records]
    assert [(event["cause"], event["parameter_path"]) for event in events] == [
        (START, "/first"),
        (START, "/second"),
        (STOP, "/second"),
    ]


def test_a_document_that_is_cut_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever its size is beside the bound, polls that find the same rules say nothing."""
    rule = replace(RULE, url_path="p" * 128)
    count = DOCUMENT_MAX_BYTES // len(as_json(rule_document(rule, "cruddur", "")))
    for length in range(0, 600, 20):
        now = document(rules=[replace(rule, rule_name="n" * length), *[rule] * (count - 4)])
        caplog.clear()
        teller, events = telling(caplog, lambda now=now: now, Clock())  # type: ignore[misc]
        teller.tell(START)
        teller.polled()
        teller.polled()
        assert [event["cause"] for event in events()] == [START]


def test_an_event_survives_the_logs_redaction(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing in it looks like a secret, so that it arrives whole."""
    teller, events = telling(caplog, document, Clock())
    teller.tell(START)
    (event,) = events()
    assert event == teller.told
    assert "REDACTED" not in json.dumps(event)


def test_what_can_not_be_told_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """Who loads, polls or stops goes on; the log says so."""

    def look() -> dict[str, Any]:
        if broken:
            raise RuntimeError("no")
        return document()

    broken = False
    teller, events = telling(caplog, look, Clock())
    teller.tell(START)
    broken = True
    teller.polled()
    teller.tell(STOP)
    assert [event["cause"] for event in events()] == [START]
    said = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert said == ["what this worker loaded can't be told"] * 2
