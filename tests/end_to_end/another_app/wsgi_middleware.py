"""OpenTelemetry's WSGI middleware around ours, with a provider set after it."""

from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing
from tests.end_to_end.another_app.tracing_of_theirs import set_provider

app = make_app()
add_tracing(app)
app.wsgi_app = OpenTelemetryMiddleware(app.wsgi_app)  # type: ignore[method-assign]
set_provider()
