"""Keys, and the ring of those that are known."""

import json
import re
from typing import Any

import pytest

from localcloud.honeycomb.errors import ForbiddenError, UnauthorisedError
from localcloud.honeycomb.key_ring import KeyRing
from localcloud.honeycomb.keys import PERMISSIONS, Key, KeyType

from .conftest import KEY, Honeycomb, span, trace_request

CLASSIC = "0123456789abcdef" * 2
CLASSIC_INGEST = "hcxic_" + "0" * 58
CONFIGURATION = "Abcdefghijklmnopqrstuv"
MANAGEMENT = "hcxmk_" + 26 * "0" + ":" + 32 * "s"
GOOD = trace_request(span()).SerializeToString()


def test_an_ingest_key_shows_its_id_alone() -> None:
    """The id is the key's beginning; what it may do is to create datasets."""
    document = Key(KEY).describe()
    assert document == {
        "id": KEY[:32],
        "type": "ingest",
        "api_key_access": {"createDatasets": True},
        "environment": {"name": "local", "slug": "local"},
        "team": {"name": "local", "slug": "local"},
    }


@pytest.mark.parametrize(
    ("value", "kind", "environment"),
    [
        (CONFIGURATION, "configuration", "local"),
        (CLASSIC, "configuration", ""),
        (CLASSIC_INGEST, "ingest", ""),
    ],
)
def test_other_kinds(value: str, kind: str, environment: str) -> None:
    """Classic keys have no environment."""
    document = Key(value).describe()
    assert document["type"] == kind
    assert document["environment"] == {"name": environment, "slug": environment}


@pytest.mark.parametrize("value", [KEY, CONFIGURATION, CLASSIC, CLASSIC_INGEST, MANAGEMENT, "short"])
def test_no_secret_is_shown(value: str) -> None:
    """Neither the whole key nor, for one that begins with its id, what follows that."""
    key = Key(value)
    for text in (repr(key), str(vars(key)), str(key.describe())):
        assert value not in text
        assert len(value) <= 32 or value[32:] not in text


def test_an_empty_key_is_refused() -> None:
    """Otherwise every request without one would be let in."""
    with pytest.raises(ValueError, match="key is empty"):
        Key("")


@pytest.mark.parametrize(
    ("presented", "dataset", "message"),
    [
        (None, None, "missing 'x-honeycomb-team' header"),
        ("", None, "missing 'x-honeycomb-team' header"),
        (KEY[:-1], None, "unknown API key - check your credentials, region, and API URL"),
        (KEY + "x", None, "unknown API key - check your credentials, region, and API URL"),
        ("ÿ", None, "unknown API key - check your credentials, region, and API URL"),
        (CLASSIC, None, "missing 'x-honeycomb-dataset' header"),
        (CLASSIC_INGEST, "", "missing 'x-honeycomb-dataset' header"),
        (CLASSIC, "d", "unknown API key - check your credentials, region, and API URL"),
    ],
    ids=["none", "empty", "short", "long", "not ASCII", "classic", "classic ingest", "classic, wrong"],
)
def test_other_keys_are_refused_with_honeycombs_text(
    presented: str | None, dataset: str | None, message: str
) -> None:
    """A key of Classic's shape needs a dataset before it is looked at."""
    with pytest.raises(UnauthorisedError) as caught:
        KeyRing(Key(KEY)).of_sender(presented, dataset)
    assert str(caught.value) == message


def test_a_management_key_sends_nothing() -> None:
    """It is for /2 alone, so that it is unknown to who takes traces."""
    with pytest.raises(UnauthorisedError):
        KeyRing(Key(MANAGEMENT)).of_sender(MANAGEMENT, None)


def test_a_key_without_the_permission_sends_nothing() -> None:
    """A configuration key needs it; an ingest key is for sending."""
    with pytest.raises(ForbiddenError, match="lacks the permission to send events"):
        KeyRing(Key(CONFIGURATION, ["queries"])).of_sender(CONFIGURATION, None)
    assert KeyRing(Key(KEY, [])).of_sender(KEY, None).id == KEY[:32]


def test_the_key_is_accepted() -> None:
    """With or without a dataset, which counts for nothing."""
    assert KeyRing(Key(KEY)).of_sender(KEY, None).type is KeyType.INGEST
    assert KeyRing(Key(CLASSIC)).of_sender(CLASSIC, "d").is_classic


@pytest.mark.parametrize(
    ("kind", "shape", "told", "access"),
    [
        ("ingest", r"hcxik_[0-9a-z]{58}", "ingest", {"createDatasets": True}),
        ("classic_ingest", r"hcxic_[0-9a-z]{58}", "ingest", {"createDatasets": True}),
        ("configuration", r"[0-9a-zA-Z]{22}", "configuration", dict.fromkeys(PERMISSIONS, True)),
        ("classic", r"[0-9a-f]{32}", "configuration", dict.fromkeys(PERMISSIONS, True)),
    ],
)
def test_a_key_is_made_told_once_and_removed(
    honeycomb: Honeycomb, kind: str, shape: str, told: str, access: dict[str, bool]
) -> None:
    """It has its type's shape, `/1/auth` knows it until it is removed, and no list has its value."""
    made = honeycomb.control("keys", "POST", {"type": kind, "environment": "Pre Prod"})
    assert re.fullmatch(shape, made["key"])
    answer = honeycomb.api("GET", "/1/auth", key=made["key"])
    environment = {"name": "", "slug": ""} if "classic" in kind else {"name": "Pre Prod", "slug": "pre-prod"}
    assert answer.json() == {
        "id": made["id"],
        "type": told,
        "api_key_access": access,
        "environment": environment,
        "team": {"name": "local", "slug": "local"},
    }
    listed = honeycomb.control("keys")["keys"]
    assert [key["id"] for key in listed] == [KEY[:32], made["id"]]
    assert made["key"] not in json.dumps(listed)
    assert honeycomb.control(f"keys/{made['id']}", "DELETE")["id"] == made["id"]
    assert honeycomb.api("GET", "/1/auth", key=made["key"]).status == 401


def test_the_key_it_was_started_with_may_do_everything_and_stays(honeycomb: Honeycomb) -> None:
    """One key is enough on a laptop, although it has the shape of an ingest key."""
    assert honeycomb.api("GET", "/1/auth").json()["api_key_access"] == dict.fromkeys(PERMISSIONS, True)
    answer = honeycomb.call("DELETE", f"/_localcloud/keys/{KEY[:32]}")
    assert (answer.status, "stays" in answer.json()["error"]) == (400, True)
    assert honeycomb.api("GET", "/1/auth").status == 200


def test_a_management_key_is_for_the_second_version_alone(honeycomb: Honeycomb) -> None:
    """As a Bearer token it is described; as a team's key it is unknown."""
    key = honeycomb.control("keys", "POST", {"type": "management"})["key"]
    answer = honeycomb.call("GET", "/2/auth", headers={"authorization": f"Bearer {key}"})
    assert (answer.status, answer.headers["content-type"]) == (200, "application/vnd.api+json")
    document = answer.json()
    assert document["data"]["id"] == key.partition(":")[0]
    assert document["data"]["attributes"]["key_type"] == "management"
    assert document["included"][0]["attributes"] == {"name": "local", "slug": "local"}
    assert key.partition(":")[2].encode() not in answer.body
    assert honeycomb.api("GET", "/1/auth", key=key).status == 401


@pytest.mark.parametrize("authorization", ["", "Bearer", f"Bearer {KEY}", f"Basic {KEY}", "Bearer a:b"])
def test_other_bearers_are_refused_as_json_api_does(honeycomb: Honeycomb, authorization: str) -> None:
    """401 with a list of errors."""
    answer = honeycomb.call("GET", "/2/auth", headers={"authorization": authorization})
    assert (answer.status, answer.headers["content-type"]) == (401, "application/vnd.api+json")
    (error,) = answer.json()["errors"]
    assert (error["status"], error["code"]) == ("401", "unauthenticated/invalid-key")


@pytest.mark.parametrize(
    ("method", "path", "permissions"),
    [
        ("GET", "/1/datasets", ["createDatasets"]),
        ("POST", "/1/datasets", ["createDatasets"]),
        ("GET", "/1/columns/cruddur", ["columns"]),
        ("GET", "/1/derived_columns/cruddur", ["columns"]),
        ("POST", "/1/queries/cruddur", ["columns"]),
        ("GET", "/1/query_annotations/cruddur", ["columns"]),
        ("POST", "/1/query_results/cruddur", ["columns", "queries"]),
        ("GET", "/1/boards", ["boards"]),
        ("GET", "/1/markers/cruddur", ["markers"]),
        ("GET", "/1/marker_settings/cruddur", ["markers"]),
        ("POST", "/1/events/cruddur", ["events"]),
        ("POST", "/1/batch/cruddur", ["events"]),
    ],
)
def test_every_endpoint_checks_its_permission(
    honeycomb: Honeycomb, method: str, path: str, permissions: list[str]
) -> None:
    """403 where any is missing, also for an ingest key; past it with exactly these."""
    body: Any = {} if method == "POST" else None

    def status(made: dict[str, Any]) -> int:
        key = honeycomb.control("keys", "POST", made)["key"]
        return honeycomb.api(method, path, body, key=key).status

    for missing in permissions:
        others = [name for name in PERMISSIONS if name != missing]
        assert status({"permissions": others}) == 403
    if permissions != ["events"]:
        assert status({"type": "ingest"}) == 403
    assert status({"permissions": permissions}) not in (401, 403)
    assert honeycomb.api(method, path, body, key="wrong").status == 401
    assert honeycomb.api(method, path, body, key=None).json() == {
        "error": "unknown API key - check your credentials"
    }


def test_a_key_that_may_not_create_datasets_sends_to_those_that_are_there(honeycomb: Honeycomb) -> None:
    """404 for another one, over OTLP and as events, and nothing is stored."""
    key = honeycomb.control("keys", "POST", {"type": "ingest", "permissions": []})["key"]
    assert honeycomb.post(GOOD, key=key).status == 404
    assert honeycomb.api("POST", "/1/events/cruddur", {"a": 1}, key=key).json() == {
        "error": "dataset not found"
    }
    assert honeycomb.control("datasets") == {"datasets": []}
    assert honeycomb.api("POST", "/1/datasets", {"name": "Cruddur"}).status == 201
    assert honeycomb.post(GOOD, key=key).status == 200
    assert honeycomb.api("POST", "/1/events/CRUDDUR", {"a": 1}, key=key).status == 200
    assert honeycomb.control("counters")["events.stored"] == 2


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"kind": "ingest"},
        {"type": "other"},
        {"type": 1},
        {"type": []},
        {"permissions": "events"},
        {"permissions": ["other"]},
        {"permissions": [[]]},
        {"type": "ingest", "permissions": ["queries"]},
        {"environment": ""},
        {"environment": 5},
        {"environment": "x" * 256},
    ],
)
def test_keys_that_make_no_sense_are_refused(honeycomb: Honeycomb, document: object) -> None:
    """The message says what was expected, and none is made."""
    answer = honeycomb.call("POST", "/_localcloud/keys", json.dumps(document).encode())
    assert (answer.status, "expected" in answer.json()["error"]) == (400, True)
    assert len(honeycomb.control("keys")["keys"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "keys/none", 404), ("PUT", "keys", 404), ("DELETE", "keys", 404), ("GET", "keys/x", 404)],
)
def test_control_requests_that_are_none(honeycomb: Honeycomb, method: str, path: str, status: int) -> None:
    """They get an error in JSON."""
    answer = honeycomb.call(method, f"/_localcloud/{path}", b"{}")
    assert (answer.status, set(answer.json())) == (status, {"error"})


def test_keys_are_bounded(honeycomb: Honeycomb) -> None:
    """A thousand at most."""
    for _ in range(999):
        honeycomb.control("keys", "POST", {})
    answer = honeycomb.call("POST", "/_localcloud/keys", b"{}")
    assert (answer.status, "remove some" in answer.json()["error"]) == (400, True)
