"""What the API answers to POST."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ACTIVITY = "3d1f0c52-8e0b-4f5e-9a34-7c1d5f0e2b11"
REPLY_PATH = f"/api/activities/{ACTIVITY}/reply"


def fields_of(response: TestResponse, status: int) -> Any:
    """Return the problems by field of a request that is refused."""
    assert response.status_code == status, response.text
    return response.get_json()["error"]["fields"]


@pytest.mark.parametrize(
    ("ttl", "lifetime"),
    [
        ("30-days", timedelta(days=30)),
        ("7-days", timedelta(days=7)),
        ("3-days", timedelta(days=3)),
        ("1-day", timedelta(days=1)),
        ("12-hours", timedelta(hours=12)),
        ("3-hours", timedelta(hours=3)),
        ("1-hour", timedelta(hours=1)),
    ],
)
def test_a_new_activity(client: FlaskClient, ttl: str, lifetime: timedelta) -> None:
    """An activity has a UUID of its own and expires after the time asked for."""
    response = client.post(
        "/api/activities", json={"user_handle": "@Bayko", "message": " Hello,\n日本 🎉 ", "ttl": ttl}
    )
    assert response.status_code == 200, response.text
    activity = response.get_json()
    assert UUID(activity["uuid"]).version == 4
    assert (activity["handle"], activity["display_name"]) == ("bayko", "Andrew Bayko")
    assert activity["message"] == "Hello,\n日本 🎉"
    created, expires = (datetime.fromisoformat(activity[name]) for name in ("created_at", "expires_at"))
    assert expires - created == lifetime


def test_an_activity_without_a_handle_is_the_signed_in_users(client: FlaskClient) -> None:
    """There is no login yet: who doesn't say who writes is the mock data's user."""
    response = client.post("/api/activities", json={"message": "x", "ttl": "1-hour"})
    assert response.get_json()["handle"] == "andrewbrown"


def test_a_reply(client: FlaskClient) -> None:
    """A reply names the activity that it answers."""
    response = client.post(REPLY_PATH, json={"user_handle": "worf", "message": "Indeed."})
    assert response.status_code == 200, response.text
    reply = response.get_json()
    assert (reply["reply_to_activity_uuid"], reply["handle"], reply["message"]) == (
        ACTIVITY,
        "worf",
        "Indeed.",
    )


def test_a_reply_to_nothing(client: FlaskClient) -> None:
    """An unknown activity can't be answered, whatever the body says."""
    for body in ({"message": "x"}, {}):
        response = client.post("/api/activities/ffffffff-ffff-4fff-8fff-ffffffffffff/reply", json=body)
        assert response.status_code == 404
        assert response.get_json()["error"]["code"] == "activity_not_found"


def test_a_message(client: FlaskClient) -> None:
    """A message comes from the signed-in user."""
    response = client.post("/api/messages", json={"user_receiver_handle": "londo", "message": "Well?"})
    assert response.status_code == 200, response.text
    assert (response.get_json()["handle"], response.get_json()["message"]) == ("andrewbrown", "Well?")


def test_every_problem_is_named_at_once(client: FlaskClient) -> None:
    """A body with several wrong fields is refused with a line for each."""
    response = client.post("/api/activities", json={"user_handle": "../etc", "message": 7, "ttl": "2-days"})
    assert set(fields_of(response, 422)) == {"user_handle", "message", "ttl"}
    assert "expected a string, found a number" in response.get_json()["error"]["message"]


@pytest.mark.parametrize("path", ["/api/activities", REPLY_PATH, "/api/messages"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("[]", "an array"),
        ("null", "null"),
        ("true", "a boolean"),
        ("1e400", "a number"),
        ('"text"', "a string"),
    ],
)
def test_a_body_that_is_no_object(client: FlaskClient, path: str, body: str, found: str) -> None:
    """JSON of another type is refused, and the answer says which it was."""
    response = client.post(path, data=body, content_type="application/json")
    assert fields_of(response, 422) == {"body": f"expected a JSON object, found {found}"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", None),
        ("message", ["a"]),
        ("message", {"a": 1}),
        ("message", True),
        ("message", ""),
        ("message", " \n\t "),
        ("message", "x" * 281),
        ("message", "null\x00byte"),
        ("message", "escape\x1b[2J"),
        ("message", "\ud800"),
        ("ttl", None),
        ("ttl", ""),
        ("ttl", "1-DAY"),
        ("ttl", ["1-day"]),
        ("user_handle", 5),
        ("user_handle", ""),
        ("user_handle", "@"),
        ("user_handle", "a" * 31),
        ("user_handle", "a b"),
        ("user_handle", "..\\.."),
        ("user_handle", "ünïcode"),
        ("user_handle", "a\n"),
    ],
)
def test_a_wrong_field(client: FlaskClient, field: str, value: object) -> None:
    """Other types, and text that is blank, too long or can't be shown, are refused by the field's name."""
    body = {"user_handle": "worf", "message": "x", "ttl": "1-day", field: value}
    assert set(fields_of(client.post("/api/activities", json=body), 422)) == {field}


def test_missing_fields(client: FlaskClient) -> None:
    """What is required and absent is named."""
    assert set(fields_of(client.post("/api/activities", json={}), 422)) == {"message", "ttl"}
    assert set(fields_of(client.post(REPLY_PATH, json={}), 422)) == {"message"}
    assert set(fields_of(client.post("/api/messages", json={}), 422)) == {"message", "user_receiver_handle"}
