"""GET /api/activities/search?term=: activities that contain a text."""

from datetime import datetime

from services import mock_data
from services.inputs import search_term


def run(term: str | None, now: datetime) -> list[mock_data.Activity]:
    """Return the activities whose message or handle contains `term`, without regard to case.

    Raises:
        InvalidInput: `term` is missing, blank, too long or has control characters.
    """
    wanted = search_term(term).casefold()
    return [
        activity
        for activity in mock_data.every_activity(now)
        if wanted in activity["message"].casefold() or wanted in activity["handle"]
    ]
