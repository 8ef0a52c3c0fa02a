"""What Honeycomb says of the key: its kind, what it may do, whose it is, and when nobody says anything."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests

from scripts import bounded
from scripts.verify import parameters
from scripts.verify.check import Status
from scripts.verify.effect.honeycomb import Auth, Place, results
from scripts.verify.parameters import KeyValue, honeycomb_result
from tests.scripts.verify.dripping import dripping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.verify.check import Result
    from tests.scripts.verify.made import Made

KEY, KIND, SENDS = "honeycomb.key", "honeycomb.key.kind", "honeycomb.key.sends"
ENVIRONMENT, TEAM, DATASET = "honeycomb.key.environment", "honeycomb.key.team", "honeycomb.dataset"
EVERY = {KIND, SENDS, ENVIRONMENT, TEAM, DATASET}


def _endpoint(made: Made) -> str:
    endpoint: str = made.units["honeycomb"].inputs["endpoint"]
    return endpoint


@contextmanager
def _key_of(made: Made, **document: Any) -> Iterator[str]:
    """Have Honeycomb make a key and SSM hold it."""
    url = f"{_endpoint(made)}/_localcloud/keys"
    answer = requests.post(url, json=document, timeout=5)
    answer.raise_for_status()
    one = answer.json()
    made.put_key(one["key"])
    try:
        yield one["key"]
    finally:
        requests.delete(f"{url}/{one['id']}", timeout=5)


def test_an_ingest_key_of_the_right_environment_passes(made: Made) -> None:
    """As made by the local cloud; team, environment and data set are those that env.hcl names."""
    results = made.verify()
    assert {results[check_id].status for check_id in EVERY} == {Status.PASS}
    assert results[KIND].actual == "ingest key"
    assert results[SENDS].actual == "may send events and make data sets"
    assert results[ENVIRONMENT].actual == "environment local"
    assert results[TEAM].actual == "team local"
    assert results[DATASET].actual == f"data set {made.name}"


def test_a_configuration_key(made: Made) -> None:
    """It sends, and does far more, where an ingest key belongs."""
    with _key_of(made, type="configuration") as key:
        wrong = made.wrong()
    assert set(wrong) == {KIND}
    assert wrong[KIND].actual.startswith("configuration key: it can do more than send")
    assert "make rotate-honeycomb-key" in wrong[KIND].remedy
    assert key not in repr(wrong)


def test_a_configuration_key_that_may_not_send(made: Made) -> None:
    """Known to Honeycomb, and every event of the backend is refused."""
    with _key_of(made, type="configuration", permissions=["queries", "columns"]):
        wrong = made.wrong()
    assert set(wrong) == {KIND, SENDS}
    assert wrong[SENDS].actual == "may not send events"


@pytest.mark.parametrize("kind", ["classic", "classic_ingest"])
def test_a_classic_key(made: Made, kind: str) -> None:
    """Of no environment at all."""
    with _key_of(made, type=kind):
        wrong = made.wrong()
    assert set(wrong) == {KIND, ENVIRONMENT}
    assert "Honeycomb Classic" in wrong[KIND].actual
    assert wrong[ENVIRONMENT].actual == "no environment: a Classic key has none"


def test_a_key_of_another_environment(made: Made) -> None:
    """Production's key where development's belongs."""
    with _key_of(made, type="ingest", environment="production"):
        wrong = made.wrong()
    assert set(wrong) == {ENVIRONMENT}
    assert (wrong[ENVIRONMENT].expected, wrong[ENVIRONMENT].actual) == (
        "environment local",
        "environment production",
    )
    assert "honeycomb_environment in env.hcl" in wrong[ENVIRONMENT].remedy


def test_team_and_environment_that_nobody_names_are_not_looked_at(made: Made) -> None:
    """Where env.hcl names none there is no such check; the rest stays."""
    made.set(honeycomb_team="", honeycomb_environment="")
    results = made.verify()
    assert not {TEAM, ENVIRONMENT} & set(results)
    assert {one.status for one in results.values()} == {Status.PASS}
    made.set(honeycomb_team="acme")
    assert made.wrong()[TEAM].actual == "team local"


def test_a_data_set_that_the_events_do_not_come_to(made: Made) -> None:
    """Outside of Classic Honeycomb takes the service's name, whatever is configured; case is nothing."""
    made.ask("honeycomb", dataset="orders")
    made.put("honeycomb/dataset", "orders")
    wrong = made.wrong()
    assert set(wrong) == {DATASET}
    assert wrong[DATASET].actual.startswith(f"data set {made.name}: ")
    made.ask("honeycomb", dataset=made.name.upper())
    made.put("honeycomb/dataset", made.name.upper())
    assert made.wrong() == {}


def test_a_key_that_may_make_no_data_set_says_so() -> None:
    """It passes, as an ingest key may do so little; that the data set has to be there is told."""
    document = {"type": "ingest", "api_key_access": {"createDatasets": False}, "environment": {"slug": "e"}}
    auth = Auth.read(document, "hcxik_" + 58 * "a")
    sends = results(auth, Place("", "", "", "service"), "rotate")[1]
    assert (sends.status, sends.actual) == (
        Status.PASS,
        "may send events into data sets that are there already",
    )


@pytest.mark.parametrize("fault", [{"status": 401}, {"status": 500}, {"status": 429}, {"drop": True}])
def test_when_honeycomb_says_nothing_of_the_key(made: Made, fault: dict[str, Any]) -> None:
    """Refused, failing, throttling, silent: the key's check fails, what it would have told is skipped."""
    url = f"{_endpoint(made)}/_localcloud/faults"
    requests.put(url, json={"path": "/1/auth", **fault}, timeout=5).raise_for_status()
    try:
        wrong = made.wrong()
    finally:
        requests.delete(url, timeout=5).raise_for_status()
    assert set(wrong) == {KEY, *EVERY}
    assert wrong[KEY].status is Status.FAIL
    assert {wrong[check_id].status for check_id in EVERY} == {Status.SKIP}
    assert {wrong[check_id].actual for check_id in EVERY} == {"Honeycomb has not taken the key"}
    assert all(one.remedy for one in wrong.values())
    assert made.key not in repr(wrong)


def test_an_answer_of_another_form_is_no_pass(made: Made) -> None:
    """A document without the members of Honeycomb's: the checks that need them fail."""
    from scripts.verify.engine import guarded

    place = Place("", "", "orders", "orders")
    found = guarded(
        place.expectations(),
        lambda: results(Auth.read({"ok": True}, made.key), place, "rotate"),
        local=False,
    )
    assert {one.status for one in found} == {Status.FAIL}
    assert {one.id for one in found} == {KIND, SENDS, DATASET}
    assert all("honeycomb_endpoint" in one.remedy for one in found)


def _shown(endpoint: str, value: str = "a key") -> Result:
    return honeycomb_result(endpoint, KeyValue(value), "rotate")


@pytest.mark.parametrize("value", ["kéy", "k\ney", "k\u20acy", "k\x7fy"])
def test_a_key_that_cannot_be_sent_is_to_be_replaced(value: str) -> None:
    """No header holds it: it is written wrong, and nothing is wrong with the network."""
    result = _shown("http://127.0.0.1:9", value)
    assert (result.status, result.remedy) == (Status.FAIL, "rotate")
    assert value not in repr(result)


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 2", b"0"),
        (b"HTTP/1.1 200 OK\r\n", b"x-more: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    ],
)
def test_one_that_drips_is_given_up(head: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its headers or its body; each drop comes long before any timeout."""
    monkeypatch.setattr(parameters, "HONEYCOMB_BOUNDS", bounded.Bounds(1024 * 1024, 0.3, (2, 3)))
    with dripping(head, drop) as address:
        result = _shown(address)
    assert (result.status, result.actual) == (Status.FAIL, "an answer without end: not whole within 0.3 s")
    assert "honeycomb_endpoint" in result.remedy


def test_one_that_floods_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bytes that an answer may have."""
    monkeypatch.setattr(parameters, "HONEYCOMB_BOUNDS", bounded.Bounds(1000, 10.0, (2, 3)))
    with dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 600) as address:
        assert _shown(address).actual == "an answer without end: more than 1000 bytes"


def test_an_answer_nested_without_end_is_none_of_honeycombs() -> None:
    """Brackets alone: told, and no traceback."""
    body = b"[" * 200_000
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with dripping(head + body, b"") as address:
        assert _shown(address).actual == "HTTP 200, and not as Honeycomb gives it"
