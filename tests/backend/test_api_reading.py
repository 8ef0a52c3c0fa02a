"""What the API answers to GET."""

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient


def answer(client: FlaskClient, path: str) -> Any:
    """Return the JSON of a request that succeeds."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/json"
    return response.get_json()


@pytest.mark.parametrize("path", ["/api/activities/home", "/api/activities/notifications"])
def test_lists_of_activities(client: FlaskClient, path: str) -> None:
    """Each activity has its identity, author, text, counts and times that lie before and after now."""
    activities = answer(client, path)
    assert activities
    for activity in activities:
        assert set(activity) == {
            "uuid",
            "handle",
            "display_name",
            "message",
            "created_at",
            "expires_at",
            "likes_count",
            "replies_count",
            "reposts_count",
            "replies",
        }
        created, expires = (datetime.fromisoformat(activity[name]) for name in ("created_at", "expires_at"))
        assert created < datetime.now(created.tzinfo) < expires
        assert activity["replies_count"] == len(activity["replies"])


def test_an_activity_is_found_by_its_uuid(client: FlaskClient) -> None:
    """Every activity of the lists has an address of its own, whatever the case of its UUID's letters."""
    for listed in answer(client, "/api/activities/home") + answer(client, "/api/activities/notifications"):
        for uuid in (listed["uuid"], listed["uuid"].upper()):
            shown = answer(client, f"/api/activities/{uuid}")
            assert (shown["uuid"], shown["message"]) == (listed["uuid"], listed["message"])


@pytest.mark.parametrize(
    "uuid", ["00000000-0000-4000-8000-000000000000", "no-uuid", "3d1f0c528e0b4f5e9a347c1d5f0e2b11", "@"]
)
def test_an_unknown_activity(client: FlaskClient, uuid: str) -> None:
    """Any other UUID, and what is none, is not found."""
    response = client.get(f"/api/activities/{uuid}")
    assert response.status_code == 404
    assert response.get_json()["error"]["code"] == "activity_not_found"


def test_activities_of_a_user(client: FlaskClient) -> None:
    """A handle's activities are its own, without regard to case; a stranger has none."""
    own = answer(client, "/api/activities/@AndrewBrown")
    assert own
    assert {activity["handle"] for activity in own} == {"andrewbrown"}
    assert answer(client, "/api/activities/@nobody-yet") == []


def test_search(client: FlaskClient) -> None:
    """A term is found in messages and handles, without regard to case and to blanks around it."""
    assert [found["handle"] for found in answer(client, "/api/activities/search?term=%20PERCENTILES")] == [
        "garek"
    ]
    assert {found["handle"] for found in answer(client, "/api/activities/search?term=worf")} == {"worf"}
    assert answer(client, "/api/activities/search?term=nothing+like+it") == []


def test_message_groups_lead_to_conversations(client: FlaskClient) -> None:
    """Each group shows its conversation's last message; a conversation with a stranger is empty."""
    groups = answer(client, "/api/message_groups")
    assert groups
    for group in groups:
        conversation = answer(client, f"/api/messages/@{group['handle']}")
        assert conversation[-1]["message"] == group["message"]
        assert conversation[-1]["created_at"].partition(".")[0] <= group["created_at"]
        assert [message["created_at"] for message in conversation] == sorted(
            message["created_at"] for message in conversation
        )
    assert answer(client, "/api/messages/@nobody-yet") == []


def test_health(client: FlaskClient) -> None:
    """A load balancer's check needs nothing but the process."""
    assert answer(client, "/health") == {"status": "ok"}


def test_health_of_tracing(client: FlaskClient) -> None:
    """The worker's tracing tells about itself."""
    assert answer(client, "/health/tracing")["worker"]["pid"] > 0
