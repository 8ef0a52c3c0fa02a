"""Our tracing, started by the application, which adds an exporter of its own to our provider."""

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing

app = make_app()
add_tracing(app)
app.extensions["tracing"].start()
provider = trace.get_tracer_provider()
assert isinstance(provider, TracerProvider)
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
