"""`/1/datasets`, `/1/columns` and `/1/derived_columns`."""

import re
from typing import Any

import pytest

from .conftest import Honeycomb, span, trace_request

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
GOOD = trace_request(span(attributes=[])).SerializeToString()


def test_a_dataset_is_made_set_and_removed(honeycomb: Honeycomb) -> None:
    """Its slug follows from its name; while it is protected it stays."""
    made = honeycomb.api("POST", "/1/datasets", {"name": "My Dataset!", "description": "mine"})
    assert made.status == 201
    document = made.json()
    assert re.fullmatch(TIME, document.pop("created_at"))
    assert document == {
        "name": "My Dataset!",
        "slug": "my-dataset-",
        "description": "mine",
        "settings": {"delete_protected": True},
        "expand_json_depth": 0,
        "last_written_at": None,
        "regular_columns_count": None,
    }
    again = honeycomb.api("POST", "/1/datasets", {"name": "my dataset?"})
    assert (again.status, again.json()) == (200, made.json())
    assert honeycomb.api("GET", "/1/datasets").json() == [made.json()]
    path = "/1/datasets/my-dataset-"
    assert honeycomb.api("GET", path).json() == made.json()
    kept = honeycomb.api("DELETE", path)
    assert (kept.status, kept.json()["type"]) == (409, "https://api.honeycomb.io/problems/conflict")
    body = {"description": "", "expand_json_depth": 3, "settings": {"delete_protected": False}}
    changed = honeycomb.api("PUT", path, body)
    assert changed.status == 200
    assert changed.json() == made.json() | body
    assert honeycomb.api("DELETE", path).status == 202
    gone = honeycomb.api("GET", path)
    assert (gone.status, gone.headers["content-type"]) == (404, "application/problem+json")
    assert gone.json() == {
        "status": 404,
        "type": "https://api.honeycomb.io/problems/not-found",
        "title": "The requested resource cannot be found.",
        "error": "Dataset not found",
        "detail": "Dataset not found",
    }


def test_events_make_a_dataset(honeycomb: Honeycomb) -> None:
    """By the service's name; when it was written last and how many columns it has follow from them."""
    honeycomb.post(GOOD)
    (dataset,) = honeycomb.api("GET", "/1/datasets").json()
    assert (dataset["name"], dataset["slug"]) == ("cruddur", "cruddur")
    assert re.fullmatch(TIME, dataset["last_written_at"])
    assert dataset["regular_columns_count"] == len(honeycomb.api("GET", "/1/columns/cruddur").json())
    honeycomb.api("PUT", "/1/datasets/cruddur", {"settings": {"delete_protected": False}})
    assert honeycomb.api("DELETE", "/1/datasets/cruddur").status == 202
    assert honeycomb.api("GET", "/1/datasets").json() == []
    assert honeycomb.control("events/0")["events"] == []


def test_a_dataset_without_a_name_is_invalid(honeycomb: Honeycomb) -> None:
    """As the live API says it."""
    answer = honeycomb.api("POST", "/1/datasets", {"description": 5})
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json() == {
        "status": 422,
        "type": "https://api.honeycomb.io/problems/validation-failed",
        "title": "The provided input is invalid.",
        "error": "The provided input is invalid.",
        "type_detail": [
            {"field": "name", "code": "missing", "description": "cannot be blank"},
            {"field": "description", "code": "incorrect_type", "description": "must be a string"},
        ],
    }


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"name": " "}, 422),
        ({"name": 5}, 422),
        ({"name": "x" * 256}, 422),
        ({"name": "x", "description": "x" * 1_025}, 422),
        ({"name": "x", "expand_json_depth": 11}, 422),
        ({"name": "x", "expand_json_depth": True}, 422),
        ({"name": "__all__"}, 409),
        ([], 400),
        ("x", 400),
        (b"", 400),
        (b"{", 400),
        (b'{"name": 1e999}', 400),
        (b'{"name": "' + b"x" * 100_000 + b'"}', 413),
    ],
)
def test_datasets_that_cannot_be(honeycomb: Honeycomb, document: object, status: int) -> None:
    """They are refused, and none is made."""
    assert honeycomb.api("POST", "/1/datasets", document).status == status
    assert honeycomb.api("GET", "/1/datasets").json() == []


def test_bodies_that_are_no_json(honeycomb: Honeycomb) -> None:
    """As the live API says it; also below a path with a slash at its end."""
    answer = honeycomb.api("POST", "/1/datasets/", b"null")
    assert (answer.status, answer.json()) == (
        400,
        {
            "status": 400,
            "type": "https://api.honeycomb.io/problems/unparseable",
            "title": "The request body could not be parsed.",
            "error": "could not parse request body",
        },
    )
    other = honeycomb.api("POST", "/1/datasets", b"<x/>", headers={"content-type": "application/xml"})
    assert other.status == 415
    packed = honeycomb.api("POST", "/1/datasets", b"x", headers={"content-encoding": "gzip"})
    assert (packed.status, packed.json()["error"]) == (400, "invalid gzip data")
    unknown = honeycomb.api("POST", "/1/datasets", b"x", headers={"content-encoding": "br"})
    assert unknown.status == 415


def test_datasets_are_bounded(honeycomb: Honeycomb) -> None:
    """A thousand may be made by hand."""
    for number in range(1_000):
        assert honeycomb.api("POST", "/1/datasets", {"name": f"d{number}"}).status == 201
    answer = honeycomb.api("POST", "/1/datasets", {"name": "one more"})
    assert (answer.status, answer.json()["error"]) == (
        409,
        "environment has reached the maximum number of datasets allowed",
    )


def test_columns_are_those_of_events_and_those_made(honeycomb: Honeycomb) -> None:
    """With types; what was said by hand stands over what events say."""
    honeycomb.api("POST", "/1/events/d", {"ms": 1.5, "n": 1, "ok": True, "text": "x"})
    made = honeycomb.api("POST", "/1/columns/d", {"key_name": "later", "type": "float", "hidden": True})
    assert made.status == 201
    assert "last_written" not in made.json()
    found = {column["key_name"]: column for column in honeycomb.api("GET", "/1/columns/d").json()}
    types = {name: column["type"] for name, column in found.items()}
    assert types == {"ms": "float", "n": "integer", "ok": "boolean", "text": "string", "later": "float"}
    assert found["later"] == made.json()
    assert re.fullmatch(TIME, found["n"]["last_written"])
    assert {len(column["id"]) for column in found.values()} == {11}
    one = honeycomb.api("GET", "/1/columns/d?key_name=n").json()
    assert one == found["n"] == honeycomb.api("GET", f"/1/columns/d/{one['id']}").json()
    said = {"key_name": "ignored", "type": "string", "description": "a number", "hidden": True}
    changed = honeycomb.api("PUT", f"/1/columns/d/{one['id']}", said).json()
    assert (changed["key_name"], changed["type"], changed["hidden"]) == ("n", "string", True)
    honeycomb.api("POST", "/1/events/d", {"n": 2, "later": 0.5})
    found = {column["key_name"]: column for column in honeycomb.api("GET", "/1/columns/d").json()}
    assert (found["n"]["type"], found["n"]["description"]) == ("string", "a number")
    assert re.fullmatch(TIME, found["later"]["last_written"])


def test_a_deleted_column_is_gone_until_it_is_written(honeycomb: Honeycomb) -> None:
    """Made by hand or by events."""
    honeycomb.api("POST", "/1/events/d", {"n": 1})
    honeycomb.api("POST", "/1/columns/d", {"key_name": "later"})
    for column in honeycomb.api("GET", "/1/columns/d").json():
        answer = honeycomb.api("DELETE", f"/1/columns/d/{column['id']}")
        assert (answer.status, answer.body) == (204, b"")
        assert honeycomb.api("DELETE", f"/1/columns/d/{column['id']}").status == 404
    assert honeycomb.api("GET", "/1/columns/d").json() == []
    assert honeycomb.api("GET", "/1/columns/d?key_name=n").status == 404
    honeycomb.api("POST", "/1/events/d", {"n": 1})
    assert [column["key_name"] for column in honeycomb.api("GET", "/1/columns/d").json()] == ["n"]


def test_columns_of_the_whole_environment(honeycomb: Honeycomb) -> None:
    """Every dataset's, but not with a Classic key."""
    for dataset in ("a", "b"):
        honeycomb.api("POST", f"/1/events/{dataset}", {dataset: 1})
    found = honeycomb.api("GET", "/1/columns/__all__").json()
    assert [column["key_name"] for column in found] == ["a", "b"]
    classic = honeycomb.control("keys", "POST", {"type": "classic"})["key"]
    assert honeycomb.api("GET", "/1/columns/__all__", key=classic).status == 404


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({}, 400),
        ({"key_name": ""}, 400),
        ({"key_name": 5}, 422),
        ({"key_name": "x", "type": "text"}, 422),
        ({"key_name": "x", "hidden": "yes"}, 422),
        ({"key_name": "x" * 256}, 422),
        ({"key_name": "n"}, 409),
    ],
)
def test_columns_that_cannot_be(honeycomb: Honeycomb, document: dict[str, Any], status: int) -> None:
    """Blank, of another type, or there already."""
    honeycomb.api("POST", "/1/events/d", {"n": 1})
    answer = honeycomb.api("POST", "/1/columns/d", document)
    assert answer.status == status
    if status == 400:
        assert answer.json() == {"error": "Key name cannot be blank"}
    assert len(honeycomb.api("GET", "/1/columns/d").json()) == 1


@pytest.mark.parametrize(
    "path",
    [
        "columns",
        "derived_columns",
        "queries",
        "query_annotations",
        "query_results",
        "markers",
        "marker_settings",
    ],
)
def test_an_unknown_dataset_is_not_found(honeycomb: Honeycomb, path: str) -> None:
    """In every path that names one."""
    answer = honeycomb.api("POST", f"/1/{path}/nowhere", {})
    assert (answer.status, answer.json()["error"]) == (404, "Dataset not found")


def test_a_derived_column_is_made_changed_and_removed(honeycomb: Honeycomb) -> None:
    """For a dataset, or for all; an alias is there once."""
    honeycomb.api("POST", "/1/events/d", {"ms": 5})
    for slug in ("d", "__all__"):
        path = f"/1/derived_columns/{slug}"
        made = honeycomb.api("POST", path, {"alias": "slow", "expression": "GT($ms, 100)"})
        assert made.status == 201
        document = made.json()
        assert (document["alias"], document["expression"], document["description"]) == (
            "slow",
            "GT($ms, 100)",
            "",
        )
        assert honeycomb.api("GET", path).json() == [document]
        assert honeycomb.api("GET", f"{path}?alias=slow").json() == document
        assert honeycomb.api("GET", f"{path}?alias=fast").status == 404
        again = honeycomb.api("POST", path, {"alias": "slow", "expression": "INT(1)"})
        assert again.status == 409
        one = f"{path}/{document['id']}"
        said = {"alias": "slow", "expression": "GT($ms, 200)", "description": "slower"}
        assert honeycomb.api("PUT", one, said).json().items() >= said.items()
        assert honeycomb.api("GET", one).json()["expression"] == "GT($ms, 200)"
        assert honeycomb.api("DELETE", one).status == 204
        assert honeycomb.api("GET", one).status == 404


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("GT($ms, 100", "invalid derived column syntax: "),
        ("FOOBAR(1)", "invalid derived column syntax: invalid function: FOOBAR"),
        ("(" * 4_000, "invalid derived column syntax: "),
        ("GT($nothing, 1)", "unknown column: nothing"),
    ],
)
def test_expressions_that_cannot_be(honeycomb: Honeycomb, expression: str, error: str) -> None:
    """Their syntax is checked, and their columns have to be there."""
    honeycomb.api("POST", "/1/events/d", {"ms": 5})
    for slug in ("d", "__all__"):
        path = f"/1/derived_columns/{slug}"
        answer = honeycomb.api("POST", path, {"alias": "x", "expression": expression})
        assert answer.status == 400
        assert answer.json()["error"].startswith(error)
        assert honeycomb.api("GET", path).json() == []


@pytest.mark.parametrize(
    "document",
    [
        {"alias": "", "expression": "INT(1)"},
        {"alias": "x"},
        {"alias": "x", "expression": 1},
        {"alias": "x", "expression": "x" * 4_096},
        {"alias": "x" * 256, "expression": "INT(1)"},
        {"alias": "x", "expression": "INT(1)", "description": "x" * 256},
    ],
)
def test_derived_columns_that_cannot_be(honeycomb: Honeycomb, document: dict[str, Any]) -> None:
    """They are refused with what was expected."""
    answer = honeycomb.api("POST", "/1/derived_columns/__all__", document)
    assert (answer.status, len(answer.json()["type_detail"])) == (422, 1)
