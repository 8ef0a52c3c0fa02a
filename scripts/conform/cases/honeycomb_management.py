"""Markers and boards (source: docs.honeycomb.io/api/tag/Markers, Boards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.conform.case import Cases, expect, expect_names

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("honeycomb")
_MARKERS = "/1/markers/__all__"


@CASES.case("marker", "a marker is made with 201, listed, and removed by its id", documented=True)
def _marker(on: Surroundings) -> None:
    on.remove_marker(on.name())
    document = {"message": on.name(), "type": "conform"}
    made = on.honeycomb.done("make a marker", on.honeycomb("POST", _MARKERS, document), 201)
    expect("message", made["message"], on.name())
    expect("listed", _listed(on), [made["id"]])
    answer = on.honeycomb("DELETE", f"{_MARKERS}/{made['id']}")
    expect("removed", answer.status in (200, 202, 204), True)
    expect("listed after its removal", _listed(on), [])


def _listed(on: Surroundings) -> list[str]:
    listed = on.honeycomb.done("list markers", on.honeycomb("GET", _MARKERS), 200)
    return [one["id"] for one in listed if one.get("message") == on.name()]


@CASES.case(
    "board", "a flexible board is made with 201, comes back, is removed, and is 404 then", documented=True
)
def _board(on: Surroundings) -> None:
    on.remove_board(on.name())
    text = {"type": "text", "text_panel": {"content": "conform"}}
    document = {"name": on.name(), "type": "flexible", "layout_generation": "auto", "panels": [text]}
    made = on.honeycomb.done("make a board", on.honeycomb("POST", "/1/boards", document), 201)
    path = f"/1/boards/{made['id']}"
    found = on.honeycomb.done("read a board", on.honeycomb("GET", path), 200)
    expect("name and type", (found["name"], found["type"]), (on.name(), "flexible"))
    expect("removed", on.honeycomb("DELETE", path).status in (200, 202, 204), True)
    expect("status after its removal", on.honeycomb("GET", path).status, 404)


@CASES.case("board.classic", "a board without `type: flexible` is refused, with words about its type")
def _classic(on: Surroundings) -> None:
    on.remove_board(on.name("classic"))
    answer = on.honeycomb("POST", "/1/boards", {"name": on.name("classic"), "queries": []})
    on.honeycomb.permitted("make a board", answer)
    expect("refused", answer.status in (400, 422), True)
    expect_names("words", answer.words, "'type'", "flexible")
