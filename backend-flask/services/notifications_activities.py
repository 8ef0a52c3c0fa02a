"""GET /api/activities/notifications: what the signed-in user is told of."""

from datetime import datetime

from opentelemetry import trace

from services import mock_data

_tracer = trace.get_tracer(__name__)


def run(now: datetime) -> list[mock_data.Activity]:
    """Return the notifications.

    The span `notifications-activities` carries `app.now` and `app.received.date`, both the request's
    time in ISO 8601, and `app.result_length`.
    """
    with _tracer.start_as_current_span("notifications-activities") as span:
        span.set_attribute("app.now", now.isoformat())
        span.set_attribute("app.received.date", now.isoformat())
        activities = mock_data.notifications(now)
        span.set_attribute("app.result_length", len(activities))
        return activities
