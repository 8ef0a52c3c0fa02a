"""Honeycomb's API asked over a real socket: what each answer comes to, and what is asked again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from scripts import secrets
from scripts.errors import OperatorError, explain
from scripts.honeycomb import answers, api, errors
from scripts.honeycomb.api import Honeycomb
from scripts.honeycomb.client import TRIES, WAIT_MAX_SECONDS, Call, Client
from tests.scripts.queries.scripted import KEY, Scripted, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripts.queries.scripted import Server

GET = Call("GET", "/1/boards", "listing the boards", "Manage Public Boards")
POST = Call("POST", "/1/boards", "creating the board", "Manage Public Boards", {"name": "b"}, {}, False)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Keep this file's key out of other tests' output."""
    yield
    secrets._known.clear()


@contextmanager
def client(*scripted: Scripted) -> Iterator[tuple[Client, Server, list[float]]]:
    """A client of a server that answers so, and how long it would have slept."""
    slept: list[float] = []
    with serving(*scripted) as server:
        yield Client(server.url, KEY, sleep=slept.append), server, slept


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (400, errors.RefusedError, "correct what it names"),
        (401, errors.UnknownKeyError, "set HONEYCOMB_CONFIGURATION_KEY"),
        (403, errors.NotAllowedError, "Manage Public Boards"),
        (404, errors.NotFoundError, "data set"),
        (409, errors.RefusedError, "correct what it names"),
        (413, errors.RefusedError, "correct what it names"),
        (422, errors.RefusedError, "correct what it names"),
        (429, errors.TooManyRequestsError, "wait a minute"),
        (500, errors.UnavailableError, "run it again"),
        (503, errors.UnavailableError, "run it again"),
    ],
)
def test_each_refusal_is_an_error_of_its_own(status: int, kind: type[OperatorError], remedy: str) -> None:
    """With what was done, the status, Honeycomb's own words and a remedy; exit code 2, the key nowhere."""
    body = {
        "error": "not so",
        "type_detail": [{"field": "name", "code": "missing", "description": "is required"}],
    }
    with client(Scripted(status, body)) as (asked, _, _), pytest.raises(kind) as caught:
        asked.ask(GET)
    text = str(caught.value)
    assert f"listing the boards: HTTP {status}, not so; name: is required" in text
    assert remedy in text
    assert KEY not in text
    assert explain(caught.value).exit_code == 2


def test_a_failure_is_tried_again_and_no_more_than_four_times() -> None:
    """The pauses grow; the fourth failure is told."""
    with (
        client(Scripted(502, b"bad gateway")) as (asked, server, slept),
        pytest.raises(errors.UnavailableError),
    ):
        asked.ask(GET)
    assert len(server.requests) == TRIES
    assert slept == [1.0, 2.0, 4.0]


def test_what_works_the_second_time_is_answered() -> None:
    """Also after a connection that ends without an answer."""
    with client(Scripted(hangs_up=True), Scripted(500, {}), Scripted(200, [])) as (asked, server, _):
        assert asked.ask(GET) == []
    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", [Scripted(500, {}), Scripted(hangs_up=True)])
def test_what_may_have_been_done_is_not_done_twice(failure: Scripted) -> None:
    """Nobody knows whether a board was made before the failure."""
    with client(failure) as (asked, server, _), pytest.raises(errors.UnavailableError):
        asked.ask(POST)
    assert len(server.requests) == 1


def test_a_limit_is_waited_for_as_long_as_it_says() -> None:
    """429 did nothing, so that anything may be sent again."""
    limit = Scripted(429, {"error": "too many"}, {"Retry-After": "7"})
    with client(limit, Scripted(201, {"id": "b1"})) as (asked, server, slept):
        assert asked.ask(POST) == {"id": "b1"}
    assert slept == [7.0]
    assert [one[0] for one in server.requests] == ["POST", "POST"]


def test_a_limit_that_takes_too_long_is_told() -> None:
    """An operator would rather know than sit there."""
    limit = Scripted(429, {}, {"Retry-After": str(int(WAIT_MAX_SECONDS) + 60)})
    with client(limit) as (asked, server, slept), pytest.raises(errors.TooManyRequestsError):
        asked.ask(GET)
    assert (len(server.requests), slept) == (1, [])


def test_waits_are_told() -> None:
    """What is waited for and how long."""
    told: list[str] = []
    with serving(Scripted(429, {}, {"Retry-After": "3"}), Scripted(200, [])) as server:
        Client(server.url, KEY, tell=told.append, sleep=lambda _: None).ask(GET)
    [line] = told
    assert line.endswith("trying again in 3 s")
    assert "429" in line


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": format_datetime(datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC), usegmt=True)}, 30.0),
        ({"Retry-After": format_datetime(datetime(2026, 11, 21, 11, tzinfo=UTC), usegmt=True)}, 0.0),
        ({"RateLimit": "limit=100, remaining=0, reset=54"}, 54.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"RateLimit": "reset=never"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, an HTTP date, RateLimit's reset; what is no time says nothing."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert answers.wait_seconds(headers, now=now) == seconds


def test_the_key_follows_no_redirect() -> None:
    """It goes to the endpoint that is configured and to no other."""
    with serving(Scripted(200, [])) as other:
        move = Scripted(307, b"", {"Location": f"{other.url}/1/boards"})
        with client(move) as (asked, _, _), pytest.raises(errors.NotHoneycombError, match="HTTP 307"):
            asked.ask(GET)
    assert other.requests == []


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[" * 100_000, b'{"a": 1'])
def test_an_answer_that_is_no_json(body: bytes) -> None:
    """Something else answers there."""
    with client(Scripted(200, body)) as (asked, _, _), pytest.raises(errors.NotHoneycombError) as caught:
        asked.ask(GET)
    assert "honeycomb_endpoint" in str(caught.value)


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing more is read."""
    monkeypatch.setattr(answers, "BOUNDS", replace(answers.BOUNDS, max_bytes=100_000))
    with client(Scripted(200, b"x" * 400_000)) as (asked, _, _), pytest.raises(errors.NotHoneycombError):
        asked.ask(GET)


def test_nothing_listens_there() -> None:
    """The endpoint is named, and what to do for the local cloud is another thing than for the real one."""
    with serving(Scripted()) as server:
        gone = server.url
    for is_local, remedy in ((True, "make local-up"), (False, "check the network")):
        asked = Client(gone, KEY, is_local=is_local, sleep=lambda _: None)
        with pytest.raises(errors.UnavailableError, match=remedy) as caught:
            asked.ask(GET)
        assert gone in str(caught.value)


@pytest.mark.parametrize("body", [None, [], {}, {"id": 7}, {"id": ""}, "x"])
def test_an_answer_of_another_form(body: object) -> None:
    """A query without an id can't be run."""
    with client(Scripted(200, body)) as (asked, _, _), pytest.raises(errors.NotHoneycombError):
        Honeycomb(asked).create_query("cruddur", {})


def test_an_ingest_key_is_named_as_such() -> None:
    """/1/auth takes it, everything else refuses it: the reason is its kind, not a missing permission."""
    who = {"type": "ingest", "team": {"slug": "t"}, "environment": {"slug": "e"}}
    with client(Scripted(200, who), Scripted(401, {"error": "unknown API key"})) as (asked, _, _):
        honeycomb = Honeycomb(asked)
        honeycomb.access()
        with pytest.raises(errors.NotAllowedError, match="ingest key, which can only send") as caught:
            honeycomb.create_query("cruddur", {})
    assert "configuration key" in caught.value.remedy


def test_a_result_is_polled_until_it_is_complete() -> None:
    """The pauses grow."""
    slept: list[float] = []
    waiting = Scripted(200, {"id": "r", "complete": False})
    done = Scripted(200, {"id": "r", "complete": True, "data": {}})
    with serving(waiting, waiting, done) as server:
        honeycomb = Honeycomb(Client(server.url, KEY), sleep=slept.append)
        assert honeycomb.result("cruddur", "r/../x")["complete"] is True
    assert slept == [0.2, pytest.approx(0.3)]
    assert server.requests[0][1] == "/1/query_results/cruddur/r%2F..%2Fx"


def test_a_result_that_never_completes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a remedy, and asked once more at least."""
    monkeypatch.setattr(api, "RESULT_TIMEOUT_SECONDS", api.POLL_SECONDS * 2)
    with serving(Scripted(200, {"complete": False})) as server:
        honeycomb = Honeycomb(Client(server.url, KEY))
        with pytest.raises(errors.UnavailableError, match="not done after"):
            honeycomb.result("cruddur", "r")
    assert len(server.requests) >= 2
