"""A query that Honeycomb doesn't run, and the link that does instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from scripts import secrets
from scripts.honeycomb.api import Access, Honeycomb
from scripts.honeycomb.client import Client
from scripts.honeycomb.errors import NotAllowedError, NotHoneycombError, RefusedError
from scripts.honeycomb.links import query_template
from scripts.honeycomb.place import Place, slug
from scripts.queries import files, result, running
from scripts.queries.drawing.axis import Axis
from tests.scripts.queries.scripted import KEY, Scripted, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS = Access("configuration", "our team", "dev")
P99 = files.load()["p99"]
assert isinstance(P99, files.HoneycombQuery)
SENT = running.prepared(P99, 600, 1.7e9)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Keep this file's key out of other tests' output."""
    yield
    secrets._known.clear()


@pytest.mark.parametrize("status", [401, 403])
def test_a_plan_that_runs_no_queries_gets_a_link(status: int) -> None:
    """Whoever opens it has the same query over the same time; the key is not in it."""
    assert isinstance(P99, files.HoneycombQuery)
    with serving(Scripted(200, {"id": "q"}), Scripted(status, {"error": "not part of your plan"})) as server:
        honeycomb = Honeycomb(Client(server.url, KEY))
        honeycomb.endpoint = "https://api.honeycomb.io"
        with pytest.raises(NotAllowedError) as caught:
            running.run(Place(honeycomb, ACCESS, "cruddur"), P99, 600)
    assert "not part of your plan" in caught.value.message
    link = urlsplit(caught.value.remedy.removeprefix("open "))
    place = "/our%20team/environments/dev/datasets/cruddur"
    assert (link.scheme, link.netloc, link.path) == ("https", "ui.honeycomb.io", place)
    assert json.loads(parse_qs(link.query)["query"][0]) == {**P99.query, "time_range": 600}
    assert KEY not in str(caught.value)
    assert [one[:2] for one in server.requests] == [
        ("POST", "/1/queries/cruddur"),
        ("POST", "/1/query_results/cruddur"),
    ]


@pytest.mark.parametrize(
    ("endpoint", "access", "dataset", "start"),
    [
        (
            "https://api.eu1.honeycomb.io",
            ACCESS,
            "d",
            "https://ui.eu1.honeycomb.io/our%20team/environments/dev/",
        ),
        (
            "https://api.honeycomb.io",
            Access("classic", "t", ""),
            "d",
            "https://ui.honeycomb.io/t/datasets/d?",
        ),
        (
            "https://api.honeycomb.io",
            ACCESS,
            "__all__",
            "https://ui.honeycomb.io/our%20team/environments/dev?",
        ),
    ],
)
def test_links(endpoint: str, access: Access, dataset: str, start: str) -> None:
    """Of the region, the team, the environment and the data set, where there is one."""
    link = query_template(endpoint, access, dataset, {"limit": 1})
    assert link is not None
    assert link.startswith(start)


def test_no_link_leads_to_a_page_that_is_not_there() -> None:
    """The local Honeycomb has none."""
    assert query_template("http://127.0.0.1:8080", ACCESS, "d", {}) is None
    assert query_template("https://api.honeycomb.io", Access("configuration", "", ""), "d", {}) is None


def test_a_key_that_may_not_list_data_sets() -> None:
    """Gets the slug by Honeycomb's rule; whether it exists the query tells."""
    with serving(Scripted(401, {"error": "unknown API key"})) as server:
        assert slug(Honeycomb(Client(server.url, KEY)), "My Dataset!") == "my-dataset-"


def test_a_query_that_fails_is_an_error() -> None:
    """Honeycomb answers 200 with an error in it."""
    with pytest.raises(RefusedError, match="took too long"):
        result.read({"complete": True, "error": "took too long"}, SENT, "https://api")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"data": []},
        {"data": {"results": [{}]}},
        {"data": {"results": [7]}},
        {"data": {"results": {"a": 1}}},
        {"data": {"results": [{"data": [["a", 1]]}]}},
        {"data": {"series": [{"time": "now", "data": {}}]}},
        {"data": {"series": [{"time": 7, "data": {}}]}},
    ],
)
def test_a_result_of_another_form_is_an_error(told: dict[str, object]) -> None:
    """Not a traceback."""
    with pytest.raises(NotHoneycombError):
        result.read({"complete": True, **told}, SENT, "https://api")


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_times_at_the_calendars_ends(time: str) -> None:
    """They are drawn at the end of the axis that they are beyond."""
    found = result.read({"data": {"series": [{"time": time, "data": {}}]}}, SENT, "https://api")
    assert Axis.of(found).part(found.series[0].time) in (0, Axis.of(found).parts - 1)


def test_times_are_utc() -> None:
    """With an offset or without."""
    series = [{"time": "2026-11-21T12:00:00+01:00", "data": {}}, {"time": "2026-11-21T11:00:00Z", "data": {}}]
    found = result.read({"data": {"results": [], "series": series}}, SENT, "https://api")
    assert {point.time.isoformat() for point in found.series} == {"2026-11-21T11:00:00+00:00"}
