"""GET /api/message_groups: the signed-in user's conversations."""

from datetime import datetime

from services import mock_messages


def run(now: datetime) -> list[mock_messages.MessageGroup]:
    """Return the conversations, each with its last message."""
    return mock_messages.groups(now)
