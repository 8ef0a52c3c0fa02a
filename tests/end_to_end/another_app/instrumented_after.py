"""FlaskInstrumentor and RequestsInstrumentor around ours; no provider."""

from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing

app = make_app()
add_tracing(app)
FlaskInstrumentor().instrument_app(app)  # type: ignore[no-untyped-call]
RequestsInstrumentor().instrument()
