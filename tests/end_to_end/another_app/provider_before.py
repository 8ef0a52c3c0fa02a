"""A provider with an exporter, and no instrumentation."""

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing
from tests.end_to_end.another_app.tracing_of_theirs import set_provider

set_provider(with_xray_ids=True)
app = make_app()
add_tracing(app)
