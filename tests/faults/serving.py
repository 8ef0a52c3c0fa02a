"""The backend that runs on a world's resources: two workers that look at nothing again after their start."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from tests.backend.process.backend_process import GUNICORN, started
from tests.end_to_end.backend import tracing_of, until
from tests.faults.world import PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.process.backend_process import BackendProcess
    from tests.faults.world import World

WORKERS = 2
_NEVER = "86400"
_LENT = (
    *("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "AWS_XRAY_DAEMON_ADDRESS",
)


@contextmanager
def serving(world: World, folder: Path, **variables: str) -> Iterator[BackendProcess]:
    """Run the backend; enter once all of its workers have loaded what they need."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **{name: world.addresses[name] for name in _LENT},
        "TRACING_PARAMETER_PATH": PATH,
        "TRACING_PARAMETER_POLL": _NEVER,
        "GUNICORN_WORKERS": str(WORKERS),
        **variables,
    }
    with started(GUNICORN, folder, environment) as backend:
        backend.wait_until_serving()
        until(lambda: _loaded(backend), lambda loaded: loaded == WORKERS)
        yield backend
        assert "Traceback" not in backend.output(), backend.output()


def _loaded(backend: BackendProcess) -> int:
    """Return how many workers have loaded; one that is just starting may not answer."""
    try:
        workers = tracing_of(backend)["loaded"]["workers"]
    except requests.ConnectionError:
        return 0
    return sum(1 for worker in workers if worker["loaded"] is not None)
