"""What the API answers until there is a database. Nothing is stored: times are relative to the request's."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict


class Reply(TypedDict):
    """An answer to an activity; times are ISO 8601 with offset."""

    uuid: str
    reply_to_activity_uuid: str
    handle: str
    message: str
    likes_count: int
    replies_count: int
    reposts_count: int
    created_at: str


class Activity(TypedDict):
    """A message that is shown until it expires; times are ISO 8601 with offset."""

    uuid: str
    handle: str
    display_name: str
    message: str
    created_at: str
    expires_at: str
    likes_count: int
    replies_count: int
    reposts_count: int
    replies: list[Reply]


@dataclass(frozen=True)
class _MockReply:
    uuid: str
    handle: str
    message: str
    age: timedelta
    likes_count: int = 0


@dataclass(frozen=True)
class _MockActivity:
    uuid: str
    handle: str
    message: str
    age: timedelta
    lasts: timedelta
    likes_count: int = 0
    reposts_count: int = 0
    replies: tuple[_MockReply, ...] = field(default=())


SIGNED_IN_HANDLE = "andrewbrown"
"""Whose requests these are, as there is no login yet."""

DISPLAY_NAMES = {
    "andrewbrown": "Andrew Brown",
    "bayko": "Andrew Bayko",
    "londo": "Londo Mollari",
    "worf": "Worf",
    "garek": "Garek",
    "coco": "Coco",
}

_HOME = (
    _MockActivity(
        "3d1f0c52-8e0b-4f5e-9a34-7c1d5f0e2b11",
        "andrewbrown",
        "The backend sends its spans to two places now. Guess which one I opened first.",
        age=timedelta(days=2),
        lasts=timedelta(days=7),
        likes_count=5,
        reposts_count=1,
        replies=(
            _MockReply(
                "b2a7c4de-6f1a-4c0f-8a55-0d4c7be9f322",
                "worf",
                "A trace without honour is no trace.",
                age=timedelta(days=1, hours=20),
                likes_count=2,
            ),
        ),
    ),
    _MockActivity(
        "9f6b6d6a-41f1-4a3c-9d0e-52a0a7c8e633",
        "worf",
        "I have seen the slowest query. It did not survive the encounter.",
        age=timedelta(hours=30),
        lasts=timedelta(days=3),
        likes_count=11,
    ),
    _MockActivity(
        "c7e0a1b4-2b8d-4c67-b1fb-13a9a4d0c744",
        "garek",
        "Plain, simple percentiles. I never trusted an average in my life.",
        age=timedelta(hours=1),
        lasts=timedelta(hours=12),
        likes_count=1,
    ),
)

_NOTIFICATIONS = (
    _MockActivity(
        "51b0f9c8-0f3e-4a55-8c1b-6a2e4b7d9855",
        "coco",
        "You were mentioned in a post about sampling rules.",
        age=timedelta(hours=5),
        lasts=timedelta(days=7),
        likes_count=3,
        replies=(
            _MockReply(
                "e4c2d8f6-7a90-4b13-9c2f-8b1d0a3e5f66",
                "andrewbrown",
                "One in ten, and the first five each second.",
                age=timedelta(hours=4),
            ),
        ),
    ),
)


def home(now: datetime) -> list[Activity]:
    """Return the activities of the home page, newest last."""
    return [_activity(activity, now) for activity in _HOME]


def notifications(now: datetime) -> list[Activity]:
    """Return the activities that the signed-in user is told of."""
    return [_activity(activity, now) for activity in _NOTIFICATIONS]


def every_activity(now: datetime) -> list[Activity]:
    """Return all activities."""
    return home(now) + notifications(now)


def display_name(handle: str) -> str:
    """Return the name to show for a handle: the handle itself where it is nobody's we know."""
    return DISPLAY_NAMES.get(handle, handle)


def _activity(mock: _MockActivity, now: datetime) -> Activity:
    created_at = now - mock.age
    return Activity(
        uuid=mock.uuid,
        handle=mock.handle,
        display_name=display_name(mock.handle),
        message=mock.message,
        created_at=created_at.isoformat(),
        expires_at=(created_at + mock.lasts).isoformat(),
        likes_count=mock.likes_count,
        replies_count=len(mock.replies),
        reposts_count=mock.reposts_count,
        replies=[
            Reply(
                uuid=reply.uuid,
                reply_to_activity_uuid=mock.uuid,
                handle=reply.handle,
                message=reply.message,
                likes_count=reply.likes_count,
                replies_count=0,
                reposts_count=0,
                created_at=(now - reply.age).isoformat(),
            )
            for reply in mock.replies
        ],
    )
