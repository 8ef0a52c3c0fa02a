"""POST /api/messages: a message to somebody."""

from datetime import datetime
from uuid import uuid4

from services import mock_data, mock_messages
from services.inputs import JsonObject

MESSAGE_MAX_CHARACTERS = 1024


def run(document: object, now: datetime) -> mock_messages.Message:
    """Return the message that `document` (message, user_receiver_handle) describes; nothing stores it yet.

    Raises:
        InvalidInput: names every field that is missing or wrong.
    """
    body = JsonObject(document)
    body.handle("user_receiver_handle")
    message = body.text("message", maximum=MESSAGE_MAX_CHARACTERS)
    body.finish()
    return mock_messages.Message(
        uuid=str(uuid4()),
        display_name=mock_data.display_name(mock_data.SIGNED_IN_HANDLE),
        handle=mock_data.SIGNED_IN_HANDLE,
        message=message,
        created_at=now.isoformat(),
    )
