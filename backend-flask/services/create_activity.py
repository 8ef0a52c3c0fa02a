"""POST /api/activities: a new activity."""

from datetime import datetime, timedelta
from uuid import uuid4

from services import mock_data
from services.inputs import JsonObject

MESSAGE_MAX_CHARACTERS = 280
LIFETIMES = {
    "30-days": timedelta(days=30),
    "7-days": timedelta(days=7),
    "3-days": timedelta(days=3),
    "1-day": timedelta(days=1),
    "12-hours": timedelta(hours=12),
    "3-hours": timedelta(hours=3),
    "1-hour": timedelta(hours=1),
}


def run(document: object, now: datetime) -> mock_data.Activity:
    """Return the activity that `document` (message, ttl, user_handle) describes; nothing stores it yet.

    Raises:
        InvalidInput: names every field that is missing or wrong.
    """
    body = JsonObject(document)
    handle = body.handle("user_handle", default=mock_data.SIGNED_IN_HANDLE)
    message = body.text("message", maximum=MESSAGE_MAX_CHARACTERS)
    lifetime = body.choice("ttl", LIFETIMES)
    body.finish()
    return mock_data.Activity(
        uuid=str(uuid4()),
        handle=handle,
        display_name=mock_data.display_name(handle),
        message=message,
        created_at=now.isoformat(),
        expires_at=(now + LIFETIMES[lifetime]).isoformat(),
        likes_count=0,
        replies_count=0,
        reposts_count=0,
        replies=[],
    )
