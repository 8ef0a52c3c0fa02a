"""`/1/markers` and `/1/marker_settings`."""

import time
from typing import Any

import pytest

from .conftest import Honeycomb


@pytest.mark.parametrize("slug", ["d", "__all__"])
def test_a_marker_is_made_changed_and_removed(honeycomb: Honeycomb, slug: str) -> None:
    """What a change doesn't name is erased; the removed one is in the answer."""
    honeycomb.api("POST", "/1/datasets", {"name": "d"})
    path = f"/1/markers/{slug}"
    said = {
        "message": "deploy #123",
        "type": "deploy",
        "url": "http://x.test",
        "start_time": 5,
        "end_time": 9,
    }
    made = honeycomb.api("POST", path, said)
    assert made.status == 201
    document = made.json()
    assert document.items() >= said.items()
    assert len(document["id"]) == 8
    assert document["created_at"] == document["updated_at"]
    assert honeycomb.api("GET", path).json() == [document]
    one = f"{path}/{document['id']}"
    changed = honeycomb.api("PUT", one, {"message": "done", "start_time": 6}).json()
    assert {name: changed.get(name) for name in ("message", "type", "url", "start_time", "end_time")} == {
        "message": "done",
        "type": None,
        "url": None,
        "start_time": 6,
        "end_time": None,
    }
    removed = honeycomb.api("DELETE", one)
    assert (removed.status, removed.json()) == (200, changed)
    assert honeycomb.api("DELETE", one).status == 404
    assert honeycomb.api("GET", path).json() == []


def test_a_marker_without_a_start_begins_now(honeycomb: Honeycomb) -> None:
    """In whole seconds; nothing has to be said."""
    before = int(time.time())
    marker = honeycomb.api("POST", "/1/markers/__all__", {}).json()
    assert before <= marker["start_time"] <= time.time()
    assert set(marker) == {"id", "start_time", "created_at", "updated_at"}


def test_a_markers_color_is_its_types(honeycomb: Honeycomb) -> None:
    """Told in the list; a type has one colour and keeps its name."""
    honeycomb.api("POST", "/1/markers/__all__", {"type": "deploy"})
    path = "/1/marker_settings/__all__"
    made = honeycomb.api("POST", path, {"type": "deploy", "color": "#7b1fa2"})
    assert (made.status, made.json()["updated_at"]) == (201, None)
    assert honeycomb.api("GET", "/1/markers/__all__").json()[0]["color"] == "#7b1fa2"
    assert honeycomb.api("POST", path, {"type": "deploy", "color": "#000000"}).status == 409
    one = f"{path}/{made.json()['id']}"
    assert honeycomb.api("PUT", one, {"type": "deploy", "color": "#000000"}).json()["color"] == "#000000"
    assert honeycomb.api("PUT", one, {"type": "other", "color": "#000000"}).status == 422
    assert len(honeycomb.api("GET", path).json()) == 1
    assert honeycomb.api("DELETE", one).json()["type"] == "deploy"
    assert "color" not in honeycomb.api("GET", "/1/markers/__all__").json()[0]


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("markers", {"message": 5}),
        ("markers", {"start_time": "now"}),
        ("markers", {"start_time": -1}),
        ("markers", {"start_time": 10**30}),
        ("markers", {"url": []}),
        ("marker_settings", {"type": "deploy"}),
        ("marker_settings", {"type": "deploy", "color": "red"}),
        ("marker_settings", {"type": "", "color": "#000000"}),
    ],
)
def test_what_cannot_be_is_invalid(honeycomb: Honeycomb, path: str, document: dict[str, Any]) -> None:
    """422 with one thing that is wrong, and nothing is made."""
    answer = honeycomb.api("POST", f"/1/{path}/__all__", document)
    assert (answer.status, len(answer.json()["type_detail"])) == (422, 1)
    assert honeycomb.api("GET", f"/1/{path}/__all__").json() == []


def test_markers_are_bounded(honeycomb: Honeycomb) -> None:
    """A thousand at most; after one is removed there is room again."""
    path = "/1/markers/__all__"
    made = [honeycomb.api("POST", path, {}).json() for _ in range(1_000)]
    assert honeycomb.api("POST", path, {}).status == 409
    honeycomb.api("DELETE", f"{path}/{made[0]['id']}")
    assert honeycomb.api("POST", path, {}).status == 201
