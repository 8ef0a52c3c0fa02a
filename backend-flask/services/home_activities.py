"""GET /api/activities/home: what everybody sees first."""

from datetime import datetime

from opentelemetry import trace

from services import mock_data

_tracer = trace.get_tracer(__name__)


def run(now: datetime) -> list[mock_data.Activity]:
    """Return the home page's activities.

    The span `home-activities` carries `app.now` and `app.received.date`, both the request's time in
    ISO 8601, and `app.result_length`.
    """
    with _tracer.start_as_current_span("home-activities") as span:
        span.set_attribute("app.now", now.isoformat())
        span.set_attribute("app.received.date", now.isoformat())
        activities = mock_data.home(now)
        span.set_attribute("app.result_length", len(activities))
        return activities
