"""Our tracing alone."""

from tests.end_to_end.another_app.foreign import make_app
from tests.end_to_end.another_app.ours import add_tracing

app = make_app()
add_tracing(app)
