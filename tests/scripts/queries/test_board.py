"""The board, on the local Honeycomb: made once, then kept as the files say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.honeycomb.query.specification import read
from scripts.queries import board, files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.honeycomb.place import Place

QUERIES = files.load()
OURS = [query for query in QUERIES.values() if isinstance(query, files.HoneycombQuery)]
FILTERS = [query for query in QUERIES.values() if isinstance(query, files.XRayQuery)]


def boards(place: Place) -> list[Mapping[str, Any]]:
    """The boards of this data set."""
    return [one for one in place.honeycomb.boards() if board.tag(place.slug) in one.get("tags", [])]


def titles(place: Place) -> list[str]:
    """What the panels are called, by the annotations that they name."""
    names = {one.id: one.name for one in place.honeycomb.annotations(place.slug)}
    [found] = boards(place)
    panels = [panel["query_panel"] for panel in found["panels"] if panel["type"] == "query"]
    return [names[panel["query_annotation_id"]] for panel in panels]


def test_a_board_has_every_query_of_honeycomb(place: Place) -> None:
    """In the files' order, each with its title and style; X-Ray's are told in a text."""
    made = board.keep(place, OURS, FILTERS)
    assert (made.did, made.new_queries) == ("created", len(OURS))
    assert titles(place) == [query.title for query in OURS]
    [found] = boards(place)
    assert found["links"]["board_url"] == made.url
    assert [panel["query_panel"]["query_style"] for panel in found["panels"][:-1]] == [
        query.style for query in OURS
    ]
    text = found["panels"][-1]["text_panel"]["content"]
    assert all(f"`{query.filter}`" in text for query in FILTERS)
    for query, panel in zip(OURS, made.panels, strict=True):
        stored = dict(place.honeycomb.query(place.slug, panel["query_id"]))
        assert stored.items() >= read(query.query).to_document().items()


def test_again_nothing_is_new(place: Place) -> None:
    """No second board, query or annotation."""
    first = board.keep(place, OURS, FILTERS)
    again = board.keep(place, OURS, FILTERS)
    assert (again.did, again.new_queries) == ("unchanged", 0)
    assert (again.id, again.panels) == (first.id, first.panels)
    assert len(place.honeycomb.annotations(place.slug)) == len(OURS)


def test_what_changed_in_a_file_changes_on_the_board(place: Place) -> None:
    """A query's panel is replaced, its old annotation goes; the others stay as they are."""
    first = board.keep(place, OURS, FILTERS)
    [p99] = [query for query in OURS if query.name == "p99"]
    changed = replace(p99, query={**p99.query, "limit": 7})
    others = [changed if query.name == "p99" else query for query in OURS]
    second = board.keep(place, others, FILTERS)
    assert (second.did, second.new_queries, second.id) == ("updated", 1, first.id)
    assert titles(place) == [query.title for query in OURS]
    assert len(place.honeycomb.annotations(place.slug)) == len(OURS)
    kept = [panel for panel in first.panels if panel["name"] != "p99"]
    assert [panel for panel in second.panels if panel["name"] != "p99"] == kept


def test_a_description_is_changed_in_place(place: Place) -> None:
    """The query stays."""
    first = board.keep(place, OURS, FILTERS)
    described = [replace(query, description="other words") for query in OURS]
    second = board.keep(place, described, FILTERS)
    assert (second.did, second.new_queries, second.panels) == ("unchanged", 0, first.panels)
    found = place.honeycomb.annotations(place.slug)
    assert {one.description for one in found} == {"other words"}


def test_a_query_that_is_no_more_leaves_the_board(place: Place) -> None:
    """And one that comes later is added."""
    board.keep(place, OURS[:3], [])
    fewer = board.keep(place, OURS[1:4], [])
    assert (fewer.did, fewer.new_queries) == ("updated", 1)
    assert [title for title in titles(place) if title != OURS[0].title] == [one.title for one in OURS[1:4]]


def test_what_others_put_on_the_board_stays(place: Place) -> None:
    """A panel of theirs, and a board of theirs with the same name."""
    made = board.keep(place, OURS, FILTERS)
    [found] = boards(place)
    theirs = {"type": "text", "text_panel": {"content": "call Ana at night"}}
    place.honeycomb.update_board(
        made.id, {**_sendable(found), "panels": [*_sendable(found)["panels"], theirs]}
    )
    place.honeycomb.create_board({"name": found["name"], "type": "flexible"})
    changed = board.keep(place, [replace(OURS[0], query={**OURS[0].query, "limit": 3}), *OURS[1:]], FILTERS)
    assert (changed.did, changed.id) == ("updated", made.id)
    [found] = boards(place)
    texts = [panel["text_panel"]["content"] for panel in found["panels"] if panel["type"] == "text"]
    assert len(texts) == 2
    assert "call Ana at night" in texts


def test_tags_and_preset_filters_of_others_stay(place: Place) -> None:
    """Also where a panel changes; ours is there once."""
    made = board.keep(place, OURS, FILTERS)
    [found] = boards(place)
    tags = [{"key": "team", "value": "payments"}, *found["tags"]]
    presets = [{"column": "http.route", "alias": "route"}]
    theirs = {**_sendable(found), "panels": _sendable(found)["panels"][1:]}
    place.honeycomb.update_board(made.id, {**theirs, "tags": tags, "preset_filters": presets})
    assert board.keep(place, OURS, FILTERS).did == "updated"
    [found] = boards(place)
    assert (found["tags"], found["preset_filters"]) == (tags, presets)
    assert titles(place) == [query.title for query in OURS]
    assert board.keep(place, OURS, FILTERS).did == "unchanged"


def test_an_interrupted_run_is_completed(place: Place) -> None:
    """What it named already is not named again."""
    for query in OURS[:2]:
        query_id = place.honeycomb.create_query(place.slug, query.query)
        place.honeycomb.create_annotation(
            place.slug, name=query.title, description=query.description, query_id=query_id
        )
    made = board.keep(place, OURS, FILTERS)
    assert (made.did, made.new_queries) == ("created", len(OURS) - 2)
    assert len(place.honeycomb.annotations(place.slug)) == len(OURS)


def test_somebody_elses_query_of_the_same_title_is_left_alone(place: Place) -> None:
    """It asks something else, so that it is not ours."""
    query_id = place.honeycomb.create_query(place.slug, {"calculations": [{"op": "COUNT"}]})
    theirs = place.honeycomb.create_annotation(
        place.slug, name=OURS[0].title, description="mine", query_id=query_id
    )
    board.keep(place, OURS, FILTERS)
    board.keep(place, OURS, FILTERS)
    found = place.honeycomb.annotations(place.slug)
    assert theirs in found
    assert len(found) == len(OURS) + 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_tag_is_one_that_honeycomb_takes(slug: str, other: str) -> None:
    """Whatever the data set is called; another one has another."""
    value = board.tag(slug)["value"]
    assert 1 <= len(value) <= 128
    assert value.startswith("first-looks/")
    assert set(value) <= set("abcdefghijklmnopqrstuvwxyz0123456789/-")
    assert (board.tag(slug) == board.tag(other)) == (slug == other)


@pytest.mark.parametrize("query", OURS, ids=lambda one: str(one.name))
def test_a_stored_query_is_the_same(query: files.HoneycombQuery) -> None:
    """Without what is the default and with what Honeycomb adds; and not where anything else differs."""
    stored: dict[str, Any] = {"id": "x", **read(query.query).to_document(), "granularity": 60}
    assert board.is_same(query.query, stored)
    assert not board.is_same(query.query, {**stored, "limit": 1})
    assert not board.is_same(query.query, {**stored, "filters": stored["filters"][:-1]})
    assert not board.is_same(query.query, {**stored, "breakdowns": ["other"]})
    assert not board.is_same(query.query, {**stored, "filter_combination": "OR"})


def _sendable(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a board as it was answered, without what only Honeycomb says."""
    return {name: value for name, value in found.items() if name not in ("id", "links")}
