"""GET /api/activities/@<handle>: what one user wrote."""

from datetime import datetime

from services import mock_data
from services.inputs import path_handle


def run(handle: str, now: datetime) -> list[mock_data.Activity]:
    """Return the activities of a user, none for a user who wrote nothing.

    Raises:
        InvalidInput: `handle` is no handle.
    """
    author = path_handle(handle)
    return [activity for activity in mock_data.every_activity(now) if activity["handle"] == author]
