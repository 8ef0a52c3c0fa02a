"""`/1/query_results`: queries that run, and what comes of them."""

import re
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from localcloud.honeycomb.api.kept_results import KEPT_SECONDS, RESULTS_MAX, KeptResults
from localcloud.honeycomb.api.query_results import RUNNING_MAX
from localcloud.honeycomb.application import HoneycombApplication
from localcloud.honeycomb.numbers import NANOSECONDS
from localcloud.honeycomb.query import engine
from localcloud.honeycomb.query.errors import QueryFailed

from .conftest import Answer, Honeycomb, Switch

POLL_SECONDS = 20
DAY = 86_400


def send(honeycomb: Honeycomb, dataset: str = "d", ago_seconds: float = 300, **fields: Any) -> None:
    """One event of so long ago."""
    event = {"time": repr(time.time() - ago_seconds), "data": fields}
    assert honeycomb.api("POST", f"/1/batch/{dataset}", [event]).json() == [{"status": 202}]


def make_query(honeycomb: Honeycomb, slug: str = "d", **query: Any) -> str:
    """The id of a new query."""
    made = honeycomb.api("POST", f"/1/queries/{slug}", query)
    assert made.status == 200, made
    query_id: str = made.json()["id"]
    return query_id


def begin(
    honeycomb: Honeycomb, query_id: str, slug: str = "d", options: dict[str, Any] | None = None
) -> Answer:
    """The answer to the request that has a query run."""
    return honeycomb.api("POST", f"/1/query_results/{slug}", {"query_id": query_id} | (options or {}))


def result(honeycomb: Honeycomb, slug: str = "d", options: Any = None, **query: Any) -> dict[str, Any]:
    """The complete result of a new query."""
    honeycomb.control("limits", "PUT", {"query_results_per_minute": None})
    begun = begin(honeycomb, make_query(honeycomb, slug, **query), slug, options)
    assert begun.status == 201, begun
    return poll(honeycomb, begun.headers["location"])


def poll(honeycomb: Honeycomb, path: str) -> dict[str, Any]:
    """The result at this path, once it is complete."""
    end = time.monotonic() + POLL_SECONDS
    while time.monotonic() < end:
        found: dict[str, Any] = honeycomb.api("GET", path).json()
        if found["complete"]:
            return found
    raise AssertionError("the result was not complete in time")


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What a result tells of each group."""
    return [row["data"] for row in found["data"]["results"]]


def test_a_result_is_begun_and_completed(honeycomb: Honeycomb) -> None:
    """201 with where it is and without data; then 200 with the query, the links and the data."""
    for name, ms in (("a", 1.0), ("a", 3.0), ("b", 7.0)):
        send(honeycomb, name=name, duration_ms=ms)
    query: dict[str, Any] = {
        "calculations": [{"op": "COUNT"}, {"op": "MAX", "column": "duration_ms"}],
        "breakdowns": ["name"],
        "orders": [{"op": "COUNT", "order": "descending"}],
        "time_range": 3_600,
    }
    begun = begin(honeycomb, make_query(honeycomb, **query))
    document = begun.json()
    assert (begun.status, document["complete"], "data" in document) == (201, False, False)
    assert begun.headers["location"] == f"/1/query_results/d/{document['id']}"
    found = poll(honeycomb, begun.headers["location"])
    assert found["query"] == document["query"] == query | {"limit": 100}
    address = f"https://ui.honeycomb.io/local/environments/local/datasets/d/result/{found['id']}"
    assert found["links"] == {"query_url": address, "graph_image_url": f"{address}/snapshot"}
    assert rows(found) == [
        {"COUNT": 2, "MAX(duration_ms)": 3.0, "name": "a"},
        {"COUNT": 1, "MAX(duration_ms)": 7.0, "name": "b"},
    ]
    assert sum(point["data"]["COUNT"] for point in found["data"]["series"]) == 3
    assert honeycomb.api("GET", f"/1/query_results/__all__/{found['id']}").status == 404


def test_without_series_there_may_be_more_groups(honeycomb: Honeycomb) -> None:
    """A limit of its own counts there alone."""
    batch = [{"time": repr(time.time() - 300), "data": {"n": number}} for number in range(1_200)]
    honeycomb.api("POST", "/1/batch/d", batch)
    without = {"disable_series": True, "limit": 1_100}
    found = result(honeycomb, options=without, breakdowns=["n"])
    assert (len(found["data"]["results"]), found["data"]["series"]) == (1_100, [])
    assert len(result(honeycomb, options={"limit": 1_100}, breakdowns=["n"])["data"]["results"]) == 100


def test_all_datasets_together(honeycomb: Honeycomb) -> None:
    """Its link names none."""
    send(honeycomb, "a", n=1)
    send(honeycomb, "b", n=2)
    found = result(honeycomb, "__all__", calculations=[{"op": "SUM", "column": "n"}])
    assert rows(found) == [{"SUM(n)": 3}]
    assert re.search(r"/environments/local/result/", found["links"]["query_url"])


def test_the_minute_that_is_not_over_is_not_seen(honeycomb: Honeycomb) -> None:
    """As in Honeycomb's own; a window that ends later has it, and so has one that isn't truncated."""
    send(honeycomb, n=1)
    now = time.time()
    while now % 60 > 50:
        now = time.time()
    send(honeycomb, ago_seconds=0, n=2)
    assert rows(result(honeycomb, time_range=3_600)) == [{"COUNT": 1}]
    later = (int(now) // 60 + 1) * 60
    assert rows(result(honeycomb, time_range=3_600, end_time=later)) == [{"COUNT": 2}]
    honeycomb.control("limits", "PUT", {"truncate_windows": False})
    assert rows(result(honeycomb, time_range=3_600)) == [{"COUNT": 2}]


@pytest.mark.parametrize("seconds", [1, 30, 59, 60, 61])
def test_short_windows_can_be_asked_for(honeycomb: Honeycomb, seconds: int) -> None:
    """Also those that are shorter than what they are truncated to."""
    send(honeycomb, n=1)
    assert "data" in result(honeycomb, calculations=[{"op": "COUNT"}], time_range=seconds)


def test_calculated_fields_of_the_dataset_and_of_all_are_there(honeycomb: Honeycomb) -> None:
    """Made once, used by any query; the dataset's goes before the environment's."""
    send(honeycomb, ms=150)
    for slug, limit in (("__all__", 500), ("d", 100)):
        body = {"alias": "slow", "expression": f"GT($ms, {limit})"}
        assert honeycomb.api("POST", f"/1/derived_columns/{slug}", body).status == 201
    assert rows(result(honeycomb, breakdowns=["slow"])) == [{"COUNT": 1, "slow": True}]
    assert rows(result(honeycomb, "__all__", breakdowns=["slow"])) == [{"COUNT": 1, "slow": False}]


def test_a_query_that_cannot_run_is_complete_with_an_error(honeycomb: Honeycomb) -> None:
    """200, and no data; a column that was made by hand is known, though no event had it."""
    send(honeycomb, n=1)
    failed = result(honeycomb, breakdowns=["nothing"])
    assert (failed["complete"], "data" in failed) == (True, False)
    assert "unknown column: nothing" in failed["error"]
    honeycomb.api("POST", "/1/columns/d", {"key_name": "nothing"})
    assert rows(result(honeycomb, breakdowns=["nothing"])) == [{"COUNT": 1}]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (QueryFailed, "too slow"),
        (RuntimeError, "we had trouble fetching your results! try again?"),
    ],
)
def test_who_polls_never_waits_for_ever(
    honeycomb: Honeycomb, monkeypatch: pytest.MonkeyPatch, error: type[Exception], text: str
) -> None:
    """Whatever goes wrong while it runs, the result is complete and says so."""

    def fail(*_: object, **__: object) -> engine.Result:
        raise error("too slow")

    monkeypatch.setattr(engine, "run", fail)
    send(honeycomb, n=1)
    assert result(honeycomb)["error"] == text


def test_closing_waits_for_queries_that_run(
    server: tuple[Switch, int], honeycomb: Honeycomb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is theirs until they are done; those that have not begun never do."""
    begun, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def wait(*_: object, **__: object) -> engine.Result:
        begun.set()
        may_end.wait(POLL_SECONDS)
        order.append("query")
        return engine.Result([], [])

    monkeypatch.setattr(engine, "run", wait)
    send(honeycomb, n=1)
    query_id = make_query(honeycomb)
    answers = [begin(honeycomb, query_id) for _ in range(RUNNING_MAX + 2)]
    assert begun.wait(POLL_SECONDS)
    application = server[0].application
    assert isinstance(application, HoneycombApplication)
    monkeypatch.setattr(application.store, "close", lambda: order.append("store"))
    closing = threading.Thread(target=application.close)
    closing.start()
    closing.join(0.1)
    assert order == []
    may_end.set()
    closing.join()
    monkeypatch.undo()
    assert order == ["query"] * (len(order) - 1) + ["store"]
    assert 2 <= len(order) <= len(answers)


def test_ten_results_a_minute(honeycomb: Honeycomb) -> None:
    """Then 429 with the headers that say when to come back; the switch is for tests."""
    send(honeycomb, n=1)
    query_id = make_query(honeycomb)
    answers = [begin(honeycomb, query_id) for _ in range(11)]
    assert [answer.status for answer in answers] == [201] * 10 + [429]
    assert re.fullmatch(r"limit=10, remaining=9, reset=(60|5\d)", answers[0].headers["ratelimit"])
    assert answers[0].headers["ratelimitpolicy"] == "10;w=60"
    last = answers[-1]
    assert last.headers["ratelimit"].startswith("limit=10, remaining=0, reset=")
    wait = parsedate_to_datetime(last.headers["retry-after"]) - datetime.now(UTC)
    assert 0 < wait.total_seconds() <= 62
    document = last.json()
    assert (document["type"], document["detail"]) == (
        "https://api.honeycomb.io/problems/rate-limited",
        "This endpoint allows 10 requests per minute.",
    )
    limits = {"query_results_per_minute": 12, "truncate_windows": True}
    assert honeycomb.control("limits", "PUT", {"query_results_per_minute": 12}) == limits
    answers.append(begin(honeycomb, query_id))
    assert answers[-1].status == 201
    assert honeycomb.control("limits") == limits
    for answer in answers[:10] + answers[-1:]:
        assert rows(poll(honeycomb, answer.headers["location"])) == [{"COUNT": 1}]


@pytest.mark.parametrize(
    ("query", "options", "status"),
    [
        ({}, {"query_id": "none"}, 404),
        ({}, {"query_id": ""}, 422),
        ({}, {"query_id": 5}, 422),
        ({}, {"disable_series": "yes"}, 422),
        ({}, {"disable_series": True, "limit": 10_001}, 422),
        ({}, {"disable_other_by_aggregate": 1}, 422),
        ({"time_range": 7 * DAY}, {}, 201),
        ({"time_range": 7 * DAY + 1}, {}, 400),
        ({"start_time": 1_700_000_000, "end_time": 1_700_000_000 + 8 * DAY}, {}, 400),
    ],
)
def test_results_that_cannot_be(
    honeycomb: Honeycomb, query: dict[str, Any], options: dict[str, Any], status: int
) -> None:
    """No such query, wrong options, more than seven days."""
    send(honeycomb, n=1)
    answer = begin(honeycomb, make_query(honeycomb, **query), options=options)
    assert answer.status == status
    if status == 201:
        poll(honeycomb, answer.headers["location"])


def test_an_unknown_result_is_not_found(honeycomb: Honeycomb) -> None:
    """As every unknown id."""
    send(honeycomb, n=1)
    answer = honeycomb.api("GET", "/1/query_results/d/none")
    assert (answer.status, answer.json()["error"]) == (404, "Query result not found")


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"other": 1},
        {"query_results_per_minute": -1},
        {"query_results_per_minute": True},
        {"truncate_windows": None},
        {"truncate_windows": 1},
    ],
)
def test_limits_that_make_no_sense_are_refused(honeycomb: Honeycomb, document: Any) -> None:
    """The message says what was expected, and they stay."""
    before = honeycomb.control("limits")
    answer = honeycomb.api("PUT", "/_localcloud/limits", document)
    assert (answer.status, "expected" in answer.json()["error"]) == (400, True)
    assert honeycomb.control("limits") == before


class Clock:
    """A clock that stands still, in nanoseconds."""

    now = 10**18

    def __call__(self) -> int:
        return self.now


def test_results_are_kept_for_seven_days() -> None:
    """To the second, complete or not."""
    clock = Clock()
    kept = KeptResults(clock)
    kept.begin("d", "a", b"begun")
    kept.complete("a", b"done")
    clock.now += KEPT_SECONDS * NANOSECONDS
    assert kept.find("d", "a") == b"done"
    assert kept.find("other", "a") is None
    clock.now += 1
    assert kept.find("d", "a") is None
    kept.complete("a", b"late")
    assert kept.find("d", "a") is None


def test_results_are_bounded_in_number_and_in_bytes() -> None:
    """The oldest go; a result that is too large by itself isn't kept, and no other one goes for it."""
    kept = KeptResults(Clock(), bytes_max=1_000_000)
    for number in range(RESULTS_MAX + 5):
        kept.begin("d", str(number), b"x")
    assert [kept.find("d", str(number)) for number in (4, 5, RESULTS_MAX + 4)] == [None, b"x", b"x"]
    kept.complete("500", b"x" * 999_400)
    assert kept.find("d", "403") is None
    assert kept.find("d", "404") == b"x"
    assert kept.find("d", "500") is not None
    kept.begin("d", "large", b"x" * 1_000_001)
    assert kept.find("d", "large") is None
    assert kept.find("d", "404") == b"x"


def test_a_result_that_was_just_completed_stays() -> None:
    """Although it was begun before all others; those go."""
    kept = KeptResults(Clock(), bytes_max=1_000)
    for name in ("first", "second", "third"):
        kept.begin("d", name, b"x" * 10)
    kept.complete("first", b"x" * 985)
    assert [kept.find("d", name) is None for name in ("first", "second", "third")] == [False, True, False]


def test_a_result_is_as_old_as_its_request() -> None:
    """Also where it was completed after a younger one."""
    clock = Clock()
    kept = KeptResults(clock)
    kept.begin("d", "old", b"begun")
    clock.now += 5
    kept.begin("d", "young", b"done")
    kept.complete("old", b"done")
    clock.now += KEPT_SECONDS * NANOSECONDS - 4
    assert kept.find("d", "old") is None
    assert kept.find("d", "young") == b"done"


def test_what_is_refused_does_not_count_for_the_limit(honeycomb: Honeycomb) -> None:
    """Only results that were begun are the ten of a minute."""
    send(honeycomb, n=1)
    query_id = make_query(honeycomb)
    for _ in range(12):
        assert begin(honeycomb, "none").status == 404
        assert honeycomb.api("POST", "/1/query_results/d", {"limit": "x"}).status == 422
    assert [begin(honeycomb, query_id).status for _ in range(11)] == [201] * 10 + [429]


def test_a_result_that_is_too_long_says_so(honeycomb: Honeycomb) -> None:
    """Its length is looked at while it is put together; results before it stay."""
    send(honeycomb, n=1)
    short = begin(honeycomb, make_query(honeycomb)).headers["location"]
    poll(honeycomb, short)
    spread: dict[str, Any] = {"breakdowns": ["g"], "calculations": [{"op": "CONCURRENCY"}], "granularity": 1}
    events = [
        {"time": repr(time.time() - 400), "data": {"g": f"{n}" + "x" * 60_000, "duration_ms": 100_000}}
        for n in range(20)
    ]
    honeycomb.api("POST", "/1/batch/d", events)
    found = result(honeycomb, time_range=900, **spread)
    assert found["error"].startswith("the result has more than 16 MiB: use ")
    assert "data" not in found
    assert len(rows(result(honeycomb, time_range=900, breakdowns=["g"]))) == 21
    assert poll(honeycomb, short)["complete"]
