"""The common set-up: provider, batches over OTLP, console, Flask and requests instrumented."""

from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing
from tests.end_to_end.another_app.tracing_of_theirs import set_provider

set_provider()
app = make_app()
FlaskInstrumentor().instrument_app(app)  # type: ignore[no-untyped-call]
RequestsInstrumentor().instrument()
add_tracing(app)
