"""FlaskInstrumentor for every application and RequestsInstrumentor, before ours; no provider."""

from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor

FlaskInstrumentor().instrument()
RequestsInstrumentor().instrument()

from tests.end_to_end.another_app.foreign import make_app  # noqa: E402
from tests.end_to_end.another_app.ours import add_tracing  # noqa: E402

app = make_app()
add_tracing(app)
