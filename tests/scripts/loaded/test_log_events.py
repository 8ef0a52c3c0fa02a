"""Hearing workers through the log: events of a log group on the local cloud, and who is alive by them."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from scripts.aws import Clients
from scripts.verify.loaded import log_events
from scripts.verify.loaded.log_events import alive, hear
from scripts.verify.loaded.worker import read
from tests.scripts.loaded.told import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_logs import CloudWatchLogsClient

    from scripts.environment import Environment

GROUP = "/loaded/test"


@pytest.fixture
def logs(local: Environment) -> Iterator[CloudWatchLogsClient]:
    """A client; the group is there and empty."""
    client = Clients(local.variables["AWS_REGION"]).logs()
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName="one")
    yield client
    client.delete_log_group(logGroupName=GROUP)


def put(logs: CloudWatchLogsClient, *lines: str, ago: float = 0.0) -> None:
    """Write lines, in their order."""
    now = int((time.time() - ago) * 1000) - len(lines)
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="one",
        logEvents=[{"timestamp": now + number, "message": line} for number, line in enumerate(lines)],
    )


def event(pid: int, **changes: Any) -> str:
    """Return a worker's line in the log."""
    return json.dumps({"event": "tracing.loaded", "pid": pid, "loaded": document(pid, **changes)})


def test_the_last_event_of_each_worker_counts(logs: CloudWatchLogsClient) -> None:
    """Other lines, also ones with the same words, are none; one that can't be read is told."""
    put(
        logs,
        event(12, slot=0),
        json.dumps({"event": "other", "message": "tracing.loaded"}),
        "tracing.loaded is no JSON",
        json.dumps(["tracing.loaded"]),
        json.dumps({"event": "tracing.loaded", "loaded": {}}),
        event(13, slot=1),
        event(12, slot=0, number=2, cause="rules"),
    )
    heard = hear(logs, GROUP, seconds=600)
    assert [(worker.name, worker.cause) for worker in heard.workers] == [
        ("host/12", "rules"),
        ("host/13", "start"),
    ]
    assert [text for text, _ in heard.doubts] == ["1 of the events can't be read"]
    assert (heard.wanted, heard.place) == (None, f"log group {GROUP}")


def test_what_is_older_is_not_read(logs: CloudWatchLogsClient) -> None:
    """A worker tells again each hour: one that has not is gone."""
    put(logs, event(12), ago=7200)
    assert list(hear(logs, GROUP, seconds=log_events.DEFAULT_SECONDS).workers) == []
    assert len(hear(logs, GROUP, seconds=3 * 3600).workers) == 1


def test_reading_is_bounded_by_pages_and_by_time(
    logs: CloudWatchLogsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left unread is a doubt, with its remedy."""
    pages = [{"events": [], "nextToken": str(number)} for number in range(1000)]

    class Pages:
        def get_paginator(self, _name: str) -> Pages:
            return self

        def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
            return iter(pages)

    client: Any = Pages()
    ticks = itertools.count(0.0, 0.01)
    heard = hear(client, GROUP, seconds=60, clock=lambda: next(ticks))
    assert heard.doubts == [
        (f"only the first {log_events.PAGES_MAX} pages of the log were read", "give a shorter SINCE")
    ]
    slow = itertools.count(0.0, 20.0)
    [(text, _)] = hear(client, GROUP, seconds=60, clock=lambda: next(slow)).doubts
    assert text == "only the first 2 pages of the log were read"


def test_a_group_that_is_not_there_is_told_by_aws(logs: CloudWatchLogsClient) -> None:
    """The command puts it into words."""
    with pytest.raises(ClientError, match="ResourceNotFound"):
        hear(logs, "/loaded/none", seconds=60)


SEATS = st.tuples(st.sampled_from("ab"), st.integers(1, 2), st.integers(0, 2))
LIVES = st.lists(st.tuples(SEATS, st.booleans()), max_size=20)


@given(LIVES, st.randoms())
def test_a_seat_has_one_worker_the_last_one(
    lives: list[tuple[tuple[str, int, int], bool]], random: Any
) -> None:
    """However the events are ordered: of each slot of a master the last one that began, unless it ended."""
    events: list[tuple[int, Any]] = []
    expected: dict[object, str | None] = {}
    for at, (seat, ends) in enumerate(lives):
        pid, (host, master, slot) = 100 + at, seat
        place = {"host": host, "master": master, "slot": slot}
        events.append((at * 10, read(document(pid, **place), with_host=True)))
        expected[seat] = None if ends else f"{host}/{pid}"
        if ends:
            gone = document(pid, number=2, **{**place, "cause": "stop"})
            events.append((at * 10 + 5, read(gone, with_host=True)))
    random.shuffle(events)
    assert [worker.name for worker in alive(events)] == sorted(filter(None, expected.values()))


def test_tasks_are_told_apart_by_their_ids() -> None:
    """Containers may all be called alike, and have the same pids."""
    events = [(0, read(document(7, task=task), with_host=True)) for task in ("0a", "0b")]
    assert [worker.name for worker in alive(events)] == ["0a/7", "0b/7"]


def test_workers_of_another_server_have_no_slots() -> None:
    """Each pid is a worker then."""
    events = [(0, read(document(pid, slot=None), with_host=True)) for pid in (7, 8)]
    assert len(alive(events)) == 2
