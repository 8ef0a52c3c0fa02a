"""The signed-in user's messages, until there is a database; times are relative to the request's."""

from datetime import datetime, timedelta
from typing import TypedDict

from services.mock_data import SIGNED_IN_HANDLE, display_name


class MessageGroup(TypedDict):
    """A conversation with somebody and its last message; the time is ISO 8601 with offset."""

    uuid: str
    display_name: str
    handle: str
    message: str
    created_at: str


class Message(TypedDict):
    """One message and who wrote it; the time is ISO 8601 with offset."""

    uuid: str
    display_name: str
    handle: str
    message: str
    created_at: str


_CONVERSATIONS: dict[str, tuple[str, tuple[tuple[str, str, str, timedelta], ...]]] = {
    "londo": (
        "7a4e2f90-1c35-4d0a-a6f7-2b9e8c5d1077",
        (
            (
                "0c9d8e7f-3a2b-4c1d-8e5f-6a7b8c9d0e88",
                SIGNED_IN_HANDLE,
                "Is the group's filter right this time?",
                timedelta(minutes=50),
            ),
            (
                "18f7a6b5-c4d3-4e2f-9a1b-0c9d8e7f6a99",
                "londo",
                "It matches every service in the quadrant. I call that ambition.",
                timedelta(minutes=47),
            ),
        ),
    ),
    "bayko": (
        "2b8d6c4f-9e1a-4f3c-b5d7-8a0e2c4f61aa",
        (
            (
                "3c7e5d1b-0f2a-4a4d-86c8-9b1f3d5072bb",
                "bayko",
                "Boot camp starts at nine. Bring a trace id.",
                timedelta(hours=20),
            ),
        ),
    ),
}


def groups(now: datetime) -> list[MessageGroup]:
    """Return the conversations, each with its last message."""
    return [
        MessageGroup(
            uuid=uuid,
            display_name=display_name(handle),
            handle=handle,
            message=messages[-1][2],
            created_at=(now - messages[-1][3]).isoformat(),
        )
        for handle, (uuid, messages) in _CONVERSATIONS.items()
    ]


def conversation(handle: str, now: datetime) -> list[Message]:
    """Return the messages exchanged with `handle`, oldest first; none where there was no conversation."""
    _, messages = _CONVERSATIONS.get(handle, ("", ()))
    return [
        Message(
            uuid=uuid,
            display_name=display_name(author),
            handle=author,
            message=text,
            created_at=(now - age).isoformat(),
        )
        for uuid, author, text, age in messages
    ]
