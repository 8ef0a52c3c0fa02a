"""POST /api/activities/<uuid>/reply: an answer to an activity."""

from datetime import datetime
from uuid import uuid4

from services import mock_data, show_activity
from services.inputs import JsonObject

MESSAGE_MAX_CHARACTERS = 1024


def run(activity_uuid: str, document: object, now: datetime) -> mock_data.Reply:
    """Return the reply that `document` (message, user_handle) describes; nothing stores it yet.

    Raises:
        NotFound: there is no such activity.
        InvalidInput: names every field that is missing or wrong.
    """
    activity = show_activity.run(activity_uuid, now)
    body = JsonObject(document)
    handle = body.handle("user_handle", default=mock_data.SIGNED_IN_HANDLE)
    message = body.text("message", maximum=MESSAGE_MAX_CHARACTERS)
    body.finish()
    return mock_data.Reply(
        uuid=str(uuid4()),
        reply_to_activity_uuid=activity["uuid"],
        handle=handle,
        message=message,
        likes_count=0,
        replies_count=0,
        reposts_count=0,
        created_at=now.isoformat(),
    )
