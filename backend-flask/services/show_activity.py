"""GET /api/activities/<uuid>: one activity with its replies."""

from datetime import datetime

from errors import NotFound
from services import mock_data
from services.inputs import canonical_uuid


def run(uuid: str, now: datetime) -> mock_data.Activity:
    """Return an activity.

    Raises:
        NotFound: there is none with this UUID.
    """
    wanted = canonical_uuid(uuid)
    for activity in mock_data.every_activity(now):
        if activity["uuid"] == wanted:
            return activity
    raise NotFound("activity_not_found", "there is no activity with this UUID")
