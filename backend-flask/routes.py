"""The API's addresses: each reads its request, calls the service of the same name and answers JSON."""

import json
from datetime import UTC, datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from errors import InvalidInput
from services import (
    create_activity,
    create_message,
    create_reply,
    home_activities,
    message_groups,
    messages,
    notifications_activities,
    search_activities,
    show_activity,
    user_activities,
)

api = Blueprint("api", __name__, url_prefix="/api")


@api.get("/activities/home")
def activities_home() -> ResponseReturnValue:
    """Answer the home page's activities."""
    return home_activities.run(_now())


@api.get("/activities/notifications")
def activities_notifications() -> ResponseReturnValue:
    """Answer the signed-in user's notifications."""
    return notifications_activities.run(_now())


@api.get("/activities/search")
def activities_search() -> ResponseReturnValue:
    """Answer the activities that contain `term`."""
    return search_activities.run(request.args.get("term"), _now())


@api.get("/activities/@<handle>")
def activities_of_user(handle: str) -> ResponseReturnValue:
    """Answer one user's activities."""
    return user_activities.run(handle, _now())


@api.get("/activities/<activity_uuid>")
def activities_show(activity_uuid: str) -> ResponseReturnValue:
    """Answer one activity."""
    return show_activity.run(activity_uuid, _now())


@api.post("/activities")
def activities_create() -> ResponseReturnValue:
    """Make an activity."""
    return create_activity.run(_json_document(), _now())


@api.post("/activities/<activity_uuid>/reply")
def activities_reply(activity_uuid: str) -> ResponseReturnValue:
    """Make a reply to an activity."""
    return create_reply.run(activity_uuid, _json_document(), _now())


@api.get("/message_groups")
def groups() -> ResponseReturnValue:
    """Answer the signed-in user's conversations."""
    return message_groups.run(_now())


@api.get("/messages/@<handle>")
def messages_with_user(handle: str) -> ResponseReturnValue:
    """Answer the conversation with one user."""
    return messages.run(handle, _now())


@api.post("/messages")
def messages_create() -> ResponseReturnValue:
    """Make a message."""
    return create_message.run(_json_document(), _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _json_document() -> object:
    """Return the request's JSON.

    Flask's own reader lets a document that nests too deep end as an uncaught RecursionError.

    Raises:
        UnsupportedMediaType: the content type is not JSON's.
        RequestEntityTooLarge: the body is beyond the application's limit.
        InvalidInput: the body is no JSON (400).
    """
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return json.loads(_body())
    except (ValueError, RecursionError):
        raise InvalidInput(
            {"body": "expected valid JSON in UTF-8"}, status=400, code="invalid_json"
        ) from None


def _body() -> bytes:
    """Return the request's body; one without a length werkzeug would silently cut at the limit."""
    body = request.get_data(cache=False)
    limit = request.max_content_length
    may_be_cut = request.content_length is None and limit is not None and len(body) >= limit
    if may_be_cut and request.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return body
