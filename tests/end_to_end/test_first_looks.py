"""The first looks at a backend's requests: one command each, whose numbers are what was sent."""

from __future__ import annotations

import json
import math
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.end_to_end.backend import staged, trace_id_of, until
from tests.end_to_end.traces import Spans, in_honeycomb, in_xray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.end_to_end.backend import Stage
    from tests.end_to_end.checkout import Checkout

HOME, NOTIFICATIONS = "/api/activities/home", "/api/activities/notifications"
SEARCH, ACTIVITIES, FAILURE = "/api/activities/search", "/api/activities", "/demo/failure"
REQUESTS = (
    *((("GET", HOME, 200),) * 7),
    *((("GET", NOTIFICATIONS, 200),) * 3),
    *((("GET", SEARCH, 200),) * 2),
    *((("POST", ACTIVITIES, 422),) * 4),
    *((("GET", FAILURE, 500),) * 2),
    ("GET", None, 404),
)
"""Method, route (None where there is none) and the status that is to be answered."""


@dataclass(frozen=True)
class Sent:
    """The requests, as their traces' ids in X-Ray's form, each with method, route and status."""

    cloud: Checkout
    stage: Stage
    traces: Mapping[str, tuple[str, str | None, int]]

    def query(self, name: str, *more: str) -> dict[str, Any]:
        """Run one query of Honeycomb over this backend's data set and return its document."""
        return self.document("query", "--name", name, "--dataset", self.stage.name, *more)

    def document(self, *words: str) -> dict[str, Any]:
        """Run a command that has to end with 0, with the key nowhere, and return its document."""
        finished = self.cloud.run(*words, "--format", "json")
        assert finished.returncode == 0, finished.stderr
        assert self.stage.key not in finished.stdout + finished.stderr
        document: dict[str, Any] = json.loads(finished.stdout)
        return document

    def counted(self, name: str, *columns: str) -> Counter[tuple[Any, ...]]:
        """Return a query's COUNT by the values of *columns*."""
        rows = self.query(name)["results"]
        return Counter({tuple(row.get(column) for column in columns): row["COUNT"] for row in rows})

    def durations(self, route: str) -> list[float]:
        """Return the milliseconds of the requests to *route*, as Honeycomb was sent them, the least first."""
        ids = [trace_id for trace_id, one in self.traces.items() if one[1] == route]
        spans = in_honeycomb(self.stage.honeycomb, ids).values()
        return sorted(server_span(trace)["duration_ms"] for trace in spans)

    def of(self, *statuses: int) -> set[str]:
        """Return the ids of the traces that were answered so."""
        return {trace_id for trace_id, one in self.traces.items() if one[2] in statuses}


@pytest.fixture(scope="module")
def sent(cloud: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """A backend that samples all, and the requests, of which some come from a caller that traces too."""
    with staged(cloud) as stage:
        limits = f"{stage.honeycomb}/_localcloud/limits"
        before = requests.get(limits, timeout=10).json()
        requests.put(limits, json={"query_results_per_minute": None}, timeout=10).raise_for_status()
        with stage.serving(tmp_path_factory.mktemp("first-looks"), DEMO_ROUTES="true") as backend:
            traces = {}
            for number, (method, route, status) in enumerate(REQUESTS):
                path = {None: "/nowhere", SEARCH: f"{SEARCH}?term=cloud"}.get(route, route)
                headers = {"X-Amzn-Trace-Id": _called()} if number % 3 == 0 else {}
                answer = requests.request(
                    method, backend.url(str(path)), headers=headers, json={}, timeout=10
                )
                assert answer.status_code == status, answer.text
                traces[trace_id_of(answer)] = method, route, status
            assert len(traces) == len(REQUESTS)
            arrived = Sent(cloud, stage, traces)
            until(lambda: in_honeycomb(stage.honeycomb, traces), lambda found: _all_there(found, traces))
            until(lambda: in_xray(stage.xray, traces), lambda found: len(found) == len(traces))
            yield arrived
        requests.put(limits, json=before, timeout=10).raise_for_status()


def server_span(trace: Spans) -> Mapping[str, Any]:
    """Return the fields of a trace's server span, empty where it has not arrived: it ends last."""
    return next((span.fields for span in trace.values() if span.fields["span.kind"] == "server"), {})


def _all_there(found: Mapping[str, Spans], traces: Mapping[str, object]) -> bool:
    return len(found) == len(traces) and all(map(server_span, found.values()))


def _called() -> str:
    """Return the header of a caller that has a span of its own."""
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=1"


def test_requests_by_route(sent: Sent) -> None:
    """Each route with as many requests as were sent to it, those of another's trace too."""
    wanted = Counter((method, route) for method, route, _ in REQUESTS)
    assert sent.counted("routes", "http.request.method", "http.route") == wanted


def test_errors_by_route(sent: Sent) -> None:
    """Those answered with 400 or above, and no others."""
    wanted = Counter((route, status) for _, route, status in REQUESTS if status >= 400)
    assert sent.counted("errors", "http.route", "http.response.status_code") == wanted


@pytest.mark.parametrize(("name", "share"), [("p90", 0.9), ("p99", 0.99)])
def test_percentiles_are_those_of_what_was_sent(sent: Sent, name: str, share: float) -> None:
    """By nearest rank, for each route."""
    rows = {row.get("http.route"): row for row in sent.query(name)["results"]}
    assert set(rows) == {route for _, route, _ in REQUESTS}
    for route in (HOME, NOTIFICATIONS, SEARCH, ACTIVITIES, FAILURE):
        durations = sent.durations(route)
        assert rows[route]["COUNT"] == len(durations)
        wanted = durations[math.ceil(share * len(durations)) - 1]
        assert rows[route][f"{name.upper()}(duration_ms)"] == pytest.approx(wanted)


def test_the_heatmap_has_every_request_once(sent: Sent) -> None:
    """In a bin that its duration belongs to, beside the P90 of all."""
    found = sent.query("heatmap")
    bins = [one for point in found["series"] for one in point["data"].get("HEATMAP(duration_ms)", [])]
    assert sum(one["count"] for one in bins) == len(REQUESTS)
    [row] = found["results"]
    assert row["COUNT"] == len(REQUESTS)
    for duration in sent.durations(HOME):
        assert any(one["low"] <= duration < one["high"] for one in bins)


def test_where_a_result_length_exists(sent: Sent) -> None:
    """The spans that tell how many results they had, and how many."""
    rows = {row["name"]: row for row in sent.query("result-length")["results"]}
    wanted = Counter(route for _, route, _ in REQUESTS)
    assert {name: row["COUNT"] for name, row in rows.items()} == {
        "home-activities": wanted[HOME],
        "notifications-activities": wanted[NOTIFICATIONS],
    }
    traces = in_honeycomb(sent.stage.honeycomb, sent.traces).values()
    fields = [span.fields for trace in traces for span in trace.values()]
    for name, row in rows.items():
        [length] = {one["app.result_length"] for one in fields if one["name"] == name}
        assert row["AVG(app.result_length)"] == row["MAX(app.result_length)"] == length


def test_where_a_received_date_exists(sent: Sent) -> None:
    """Each request has a date of its own."""
    wanted = Counter(route for _, route, _ in REQUESTS)
    rows = {row["name"]: row for row in sent.query("received-date")["results"]}
    counts = {"home-activities": wanted[HOME], "notifications-activities": wanted[NOTIFICATIONS]}
    assert {name: row["COUNT"] for name, row in rows.items()} == counts
    assert {name: row["COUNT_DISTINCT(app.received.date)"] for name, row in rows.items()} == counts


def test_the_slowest_traces_can_be_looked_at(sent: Sent) -> None:
    """Ten of the traces that were sent, the longest first; make traces takes their ids."""
    rows = sent.query("slowest")["results"]
    longest = [row["MAX(duration_ms)"] for row in rows]
    assert len(rows) == 10
    assert longest == sorted(longest, reverse=True)
    ids = {trace_id[2:].replace("-", "") for trace_id in sent.traces}
    assert {row["trace.trace_id"] for row in rows} <= ids
    seen = sent.cloud.succeed("traces", "--trace", rows[0]["trace.trace_id"])
    assert sent.stage.name in seen


@pytest.mark.parametrize(("name", "statuses"), [("status-200", (200,)), ("faults", (500,)), ("slow", ())])
def test_the_same_in_xray(sent: Sent, name: str, statuses: tuple[int, ...]) -> None:
    """Exactly the traces that were answered so; those of other tests are looked past."""
    found = {trace["Id"] for trace in sent.document("query", "--name", name)["traces"]}
    assert found & set(sent.traces) == sent.of(*statuses)


def test_one_user(sent: Sent) -> None:
    """A segment's user is found, another's isn't; what would end the string is refused."""
    ours, other = (f"1-{int(time.time()):08x}-{secrets.token_hex(12)}" for _ in range(2))
    for trace_id, user in ((ours, "ana o'neill"), (other, "bob")):
        times: dict[str, Any] = {"start_time": time.time() - 1, "end_time": time.time()}
        names = {"name": sent.stage.name, "id": secrets.token_hex(8), "trace_id": trace_id, "user": user}
        document = names | times
        sent.stage.xray.put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
    found = sent.document("query", "--name", "user", "--user", "ana o'neill")
    assert found["filter"] == 'user = "ana o\'neill"'
    assert [trace["Id"] for trace in found["traces"]] == [ours]
    refused = sent.cloud.run("query", "--name", "user", "--user", 'ana" OR fault')
    assert (refused.returncode, refused.stdout) == (2, "")


def test_each_is_drawn(sent: Sent) -> None:
    """As the operator sees it: a summary line last, no line beyond 120 columns, the key nowhere."""
    drawn = ("routes", "p99", "heatmap", "result-length", "errors", "slowest")
    for name in drawn:
        finished = sent.cloud.run("query", "--name", name, "--dataset", sent.stage.name)
        assert finished.returncode == 0, finished.stderr
        lines = finished.stdout.splitlines()
        assert lines[-1].startswith(f"query local: {name}: ")
        assert max(len(line) for line in lines[:-1]) <= 120
        assert sent.stage.key not in finished.stdout + finished.stderr


def test_the_board_has_them_all_once(sent: Sent) -> None:
    """Made at the first run, found again at the second."""
    first = sent.document("board", "--dataset", sent.stage.name)
    assert first["did"] == "created"
    again = sent.document("board", "--dataset", sent.stage.name)
    assert again == {**first, "did": "unchanged"}
    listed = sent.document("query")["queries"]
    assert [panel["name"] for panel in first["panels"]] == [
        one["name"] for one in listed if one["service"] == "Honeycomb"
    ]


def test_a_key_that_only_sends_is_told_so(sent: Sent) -> None:
    """The local Honeycomb makes one; neither key is shown."""
    made = requests.post(f"{sent.stage.honeycomb}/_localcloud/keys", json={"type": "ingest"}, timeout=10)
    key = made.json()["key"]
    for command in (("query", "--name", "p99"), ("board",)):
        finished = sent.cloud.run(
            *command, "--dataset", sent.stage.name, environment={"HONEYCOMB_API_KEY": key}
        )
        assert (finished.returncode, finished.stdout) == (2, "")
        assert "the key is an ingest key, which can only send events" in finished.stderr
        assert finished.stderr.count("\n") == 1
        assert key not in finished.stderr


def test_a_plan_without_the_query_data_api_is_told_so(sent: Sent) -> None:
    """As Honeycomb refuses it: the query is created, and not run."""
    fault = {"path": "/1/query_results", "status": 403}
    faults = f"{sent.stage.honeycomb}/_localcloud/faults"
    requests.put(faults, json=fault, timeout=10).raise_for_status()
    try:
        finished = sent.cloud.run("query", "--name", "p99", "--dataset", sent.stage.name)
        assert sent.document("board", "--dataset", sent.stage.name)["id"]
    finally:
        requests.delete(faults, timeout=10).raise_for_status()
    assert (finished.returncode, finished.stdout) == (2, "")
    assert "a part of Enterprise" in finished.stderr
