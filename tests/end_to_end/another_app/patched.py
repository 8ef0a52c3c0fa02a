"""Our tracing alone, for gevent with --preload: what makes TLS connections is imported after the patch."""

from gevent import monkey

monkey.patch_all(os=False, signal=False, subprocess=False)

from tests.end_to_end.another_app.foreign import make_app  # noqa: E402
from tests.end_to_end.another_app.ours import add_tracing  # noqa: E402

app = make_app()
add_tracing(app)
