"""`/1/queries`, `/1/query_annotations` and `/1/boards`."""

import re
from typing import Any

import pytest

from .conftest import Honeycomb

QUERY = {
    "calculations": [{"op": "P99", "column": "duration_ms"}, {"op": "COUNT"}],
    "filters": [{"column": "status_code", "op": "=", "value": 2}],
    "filter_combination": "AND",
    "breakdowns": ["name"],
    "orders": [{"op": "COUNT", "order": "descending"}],
    "havings": [{"calculate_op": "COUNT", "op": ">", "value": 10}],
    "limit": 100,
    "granularity": 60,
    "time_range": 7_200,
}


@pytest.fixture
def slug(honeycomb: Honeycomb) -> str:
    """An empty dataset."""
    made: str = honeycomb.api("POST", "/1/datasets", {"name": "My Dataset"}).json()["slug"]
    return made


def make_query(honeycomb: Honeycomb, slug: str) -> str:
    """The id of a new query."""
    made: str = honeycomb.api("POST", f"/1/queries/{slug}", {}).json()["id"]
    return made


def annotate(honeycomb: Honeycomb, slug: str, query_id: str, name: str = "mine") -> dict[str, Any]:
    """A new annotation of the query."""
    made: dict[str, Any] = honeycomb.api(
        "POST", f"/1/query_annotations/{slug}", {"name": name, "query_id": query_id}
    ).json()
    return made


def query_panel(honeycomb: Honeycomb, slug: str, **more: Any) -> dict[str, Any]:
    """A panel of a new query with a new annotation."""
    query_id = make_query(honeycomb, slug)
    annotation = annotate(honeycomb, slug, query_id)
    return {
        "type": "query",
        "query_panel": {"query_id": query_id, "query_annotation_id": annotation["id"], **more},
    }


def test_a_query_is_stored_without_its_defaults(honeycomb: Honeycomb, slug: str) -> None:
    """200 with an id; AND is left out, as the live API leaves it out."""
    made = honeycomb.api("POST", f"/1/queries/{slug}", QUERY)
    assert made.status == 200
    document = made.json()
    assert honeycomb.api("GET", f"/1/queries/{slug}/{document['id']}").json() == document
    del document["id"]
    assert document == {name: value for name, value in QUERY.items() if name != "filter_combination"}


def test_a_query_belongs_to_its_dataset(honeycomb: Honeycomb, slug: str) -> None:
    """It isn't found in another one; there is no list."""
    query_id = make_query(honeycomb, slug)
    assert honeycomb.api("GET", f"/1/queries/__all__/{query_id}").status == 404
    assert honeycomb.api("GET", f"/1/queries/{slug}").status == 405
    assert honeycomb.api("DELETE", f"/1/queries/{slug}/{query_id}").status == 405


def test_a_query_that_cannot_be_tells_every_problem(honeycomb: Honeycomb, slug: str) -> None:
    """422 with a field, a code and a description for each."""
    document = {"calculations": [{"op": "P99"}], "limit": 0, "havings": [{"calculate_op": "AVG"}]}
    answer = honeycomb.api("POST", f"/1/queries/{slug}", document)
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    fields = {detail["field"] for detail in answer.json()["type_detail"]}
    assert {"calculations[0].column", "limit"} <= fields
    assert honeycomb.api("POST", f"/1/queries/{slug}", []).json()["error"] == "invalid Query data"


def test_an_annotation_is_made_changed_and_removed(honeycomb: Honeycomb, slug: str) -> None:
    """It names a query of the same dataset, always the same one."""
    query_id = make_query(honeycomb, slug)
    path = f"/1/query_annotations/{slug}"
    made = honeycomb.api("POST", path, {"name": "slow", "description": "d", "query_id": query_id})
    assert made.status == 201
    document = made.json()
    assert (document["name"], document["query_id"], document["source"]) == ("slow", query_id, "query")
    assert honeycomb.api("GET", path).json() == [document]
    one = f"{path}/{document['id']}"
    changed = honeycomb.api("PUT", one, {**document, "name": "slower", "description": ""})
    assert (changed.status, changed.json()["name"]) == (200, "slower")
    other = make_query(honeycomb, slug)
    assert honeycomb.api("PUT", one, {**document, "query_id": other}).json() == {
        "error": "queries in annotations cannot be changed"
    }
    assert honeycomb.api("PUT", one, {**document, "id": "x"}).json() == {
        "error": "Query annotation id included in body does not match URL"
    }
    assert honeycomb.api("GET", one).json()["name"] == "slower"
    assert honeycomb.api("DELETE", one).status == 204
    assert honeycomb.api("GET", one).status == 404


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"name": "x", "query_id": "none"}, 400),
        ({"name": "", "query_id": "none"}, 422),
        ({"name": "x"}, 422),
        ({"name": "x" * 321, "query_id": "none"}, 422),
        ({"name": "x", "query_id": "none", "description": "x" * 1_024}, 422),
        ({"name": "x", "query_id": 5}, 422),
    ],
)
def test_annotations_that_cannot_be(
    honeycomb: Honeycomb, slug: str, document: dict[str, Any], status: int
) -> None:
    """A query that isn't there is 400 with Honeycomb's text."""
    answer = honeycomb.api("POST", f"/1/query_annotations/{slug}", document)
    assert answer.status == status
    if status == 400:
        assert answer.json() == {"error": "Query ID included in body is invalid"}


def test_a_board_is_made_changed_and_removed(honeycomb: Honeycomb, slug: str) -> None:
    """With panels, tags and preset filters; filters stay where a change names none."""
    position = {"x_coordinate": 1, "y_coordinate": 2, "height": 3, "width": 4}
    said = {
        "name": "First looks",
        "description": "d",
        "type": "flexible",
        "panels": [
            query_panel(honeycomb, slug, query_style="combo") | {"position": position},
            query_panel(honeycomb, "__all__") | {"position": position},
            {"type": "text", "text_panel": {"content": "# Hello"}, "position": position},
        ],
        "tags": [{"key": "team", "value": "blue-1"}],
        "preset_filters": [{"column": "app.Service", "alias": "Service"}],
    }
    made = honeycomb.api("POST", "/1/boards", said)
    assert made.status == 201
    board = made.json()
    address = rf"https://ui\.honeycomb\.io/local/environments/local/board/{board['id']}"
    assert re.fullmatch(address, board["links"]["board_url"])
    first, second, third = board["panels"]
    assert first["query_panel"].pop("dataset") == "My Dataset"
    assert second["query_panel"].pop("query_style") == "graph"
    assert {name: value for name, value in board.items() if name not in ("id", "links")} == said
    assert third["position"] == position
    one = f"/1/boards/{board['id']}"
    assert honeycomb.api("GET", "/1/boards").json() == [honeycomb.api("GET", one).json()] == [made.json()]
    changed = honeycomb.api("PUT", one, {"id": board["id"], "name": "Others", "type": "flexible"}).json()
    assert changed == {
        "id": board["id"],
        "name": "Others",
        "description": "",
        "type": "flexible",
        "panels": [],
        "preset_filters": said["preset_filters"],
        "links": board["links"],
    }
    emptied = honeycomb.api("PUT", one, {"name": "Others", "type": "flexible", "preset_filters": []})
    assert emptied.json()["preset_filters"] == []
    assert honeycomb.api("DELETE", one).status == 204
    assert honeycomb.api("GET", one).status == 404
    assert honeycomb.api("PUT", one, said).status == 404


def test_the_boards_address_has_the_keys_environment(honeycomb: Honeycomb) -> None:
    """Classic has none."""
    found = []
    for document in ({"environment": "Pre Prod"}, {"type": "classic"}):
        key = honeycomb.control("keys", "POST", document)["key"]
        board = honeycomb.api("POST", "/1/boards", {"name": "x", "type": "flexible"}, key=key).json()
        found.append(board["links"]["board_url"].removesuffix(board["id"]))
    assert found == [
        "https://ui.honeycomb.io/local/environments/pre-prod/board/",
        "https://ui.honeycomb.io/local/board/",
    ]


@pytest.mark.parametrize("layout", [{"layout_generation": "auto"}, {}])
def test_panels_without_positions_are_placed(honeycomb: Honeycomb, layout: dict[str, str]) -> None:
    """No two of them overlap."""
    text = {"type": "text", "text_panel": {"content": "x"}}
    body = {"name": "x", "type": "flexible", "panels": [text] * 5, **layout}
    panels = honeycomb.api("POST", "/1/boards", body).json()["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["position"]
        cells = {
            (at["x_coordinate"] + x, at["y_coordinate"] + y)
            for x in range(at["width"])
            for y in range(at["height"])
        }
        assert cells
        assert not cells & taken
        taken |= cells


def test_visualization_settings_are_kept(honeycomb: Honeycomb, slug: str) -> None:
    """Those that say something."""
    settings = {
        "utc_xaxis": True,
        "charts": [
            {
                "chart_index": 1,
                "chart_type": "stacked",
                "log_scale": True,
                "thresholds": [{"value": 1.5, "color": "red", "operation": "gt", "line_style": "solid"}],
            }
        ],
    }
    panel = query_panel(honeycomb, slug, visualization_settings={**settings, "hide_hovers": False})
    board = honeycomb.api("POST", "/1/boards", {"name": "x", "type": "flexible", "panels": [panel]})
    assert board.json()["panels"][0]["query_panel"]["visualization_settings"] == settings


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"type": "classic"}, "type"),
        ({"type": None}, "type"),
        ({"description": "x" * 1_025}, "description"),
        ({"layout_generation": "none"}, "layout_generation"),
        ({"panels": {}}, "panels"),
        ({"panels": [5]}, "panels[0]"),
        ({"panels": [{}]}, "panels[0].type"),
        ({"panels": [{"type": "text"}]}, "panels[0].text_panel"),
        (
            {"panels": [{"type": "text", "text_panel": {"content": "x" * 10_001}}]},
            "panels[0].text_panel.content",
        ),
        ({"panels": [{"type": "slo", "slo_panel": {"slo_id": "x"}}]}, "panels[0].slo_panel.slo_id"),
        (
            {"panels": [{"type": "query", "query_panel": {"query_id": "x", "query_annotation_id": "y"}}]},
            "panels[0].query_panel.query_id",
        ),
        (
            {"panels": [{"type": "text", "text_panel": {"content": "x"}, "position": {"width": -1}}]},
            "panels[0].position.width",
        ),
        ({"tags": [{"key": "Team", "value": "x"}]}, "tags[0].key"),
        ({"tags": [{"key": "team", "value": "1"}]}, "tags[0].value"),
        ({"tags": [{"key": "team", "value": "x"}] * 11}, "tags"),
        ({"preset_filters": [{"column": "x", "alias": "x"}] * 6}, "preset_filters"),
        ({"preset_filters": [{"column": "x", "alias": "x" * 51}]}, "preset_filters[0].alias"),
    ],
)
def test_boards_that_cannot_be(honeycomb: Honeycomb, said: dict[str, Any], field: str) -> None:
    """422 names the field, and none is made."""
    answer = honeycomb.api("POST", "/1/boards", {"name": "x", "type": "flexible"} | said)
    assert answer.status == 422
    assert field in [detail["field"] for detail in answer.json()["type_detail"]]
    assert honeycomb.api("GET", "/1/boards").json() == []


def test_a_panels_annotation_is_of_its_query(honeycomb: Honeycomb, slug: str) -> None:
    """One of another query is refused, and one that isn't there."""
    query_id, other = make_query(honeycomb, slug), make_query(honeycomb, slug)
    for annotation_id in (annotate(honeycomb, slug, other)["id"], "none"):
        panel = {"query_id": query_id, "query_annotation_id": annotation_id}
        body = {"name": "x", "type": "flexible", "panels": [{"type": "query", "query_panel": panel}]}
        answer = honeycomb.api("POST", "/1/boards", body)
        (detail,) = answer.json()["type_detail"]
        assert (answer.status, detail["field"]) == (422, "panels[0].query_panel.query_annotation_id")


def test_queries_are_bounded_by_forgetting_the_oldest(honeycomb: Honeycomb, slug: str) -> None:
    """Nothing else removes them; large ones count by their size."""
    long = {"filters": [{"column": "x" * 65_000, "op": "exists"}]}
    made = [honeycomb.api("POST", f"/1/queries/{slug}", long).json()["id"] for _ in range(300)]
    assert honeycomb.api("GET", f"/1/queries/{slug}/{made[0]}").status == 404
    assert honeycomb.api("GET", f"/1/queries/{slug}/{made[-1]}").status == 200
