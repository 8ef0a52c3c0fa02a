"""A backend of the applied environment, what its workers loaded, and what verify finds of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from tests.end_to_end.backend import Stage, tracing_of, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.backend.process.backend_process import BackendProcess
    from tests.end_to_end.checkout import Checkout

PATH = "/cruddur/local/backend-flask"
NAME = "cruddur-local-backend-flask"
WORKERS = 3
IDS = ["loaded.parameters", "loaded.group", "loaded.rules", "loaded.key", "loaded.workers"]


@contextmanager
def serving(stage: Stage, folder: Path, **others: str) -> Iterator[BackendProcess]:
    """Run the backend of the applied environment; enter once all of its workers have loaded."""
    variables = {"TRACING_PARAMETER_PATH": PATH, "GUNICORN_WORKERS": str(WORKERS), **others}
    with stage.serving(folder, **variables) as backend:
        until(lambda: loaded_by(backend), lambda found: len(found) == WORKERS and None not in found.values())
        yield backend


def loaded_by(backend: BackendProcess) -> dict[int, Any]:
    """Return what each worker loaded, by its pid, as any of them tells; one that is just ending may not."""
    try:
        document = tracing_of(backend)
    except requests.ConnectionError:
        return {}
    return {worker["pid"]: worker["loaded"] for worker in document["loaded"]["workers"]}


def verified(applied: Checkout, *options: str) -> dict[str, dict[str, str]]:
    """Return the checks of the three ways by their ids, in their order."""
    _, document = applied.verify(*options)
    checks = {check["id"]: check for check in document["checks"] if check["id"].startswith("loaded.")}
    assert set(checks) == set(IDS), checks
    assert set(checks["loaded.key"]) == {"id", "status", "expected", "actual", "remedy"}
    return checks


def failed(checks: dict[str, dict[str, str]]) -> list[str]:
    """Return the ids of those that did not pass."""
    return [name for name, check in checks.items() if check["status"] != "pass"]
