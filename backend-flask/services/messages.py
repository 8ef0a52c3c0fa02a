"""GET /api/messages/@<handle>: one conversation."""

from datetime import datetime

from services import mock_messages
from services.inputs import path_handle


def run(handle: str, now: datetime) -> list[mock_messages.Message]:
    """Return the messages exchanged with a user, oldest first.

    Raises:
        InvalidInput: `handle` is no handle.
    """
    return mock_messages.conversation(path_handle(handle), now)
