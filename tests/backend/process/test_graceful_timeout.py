"""How gunicorn.conf.py divides the graceful timeout between requests and sending."""

import runpy
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.backend.process.backend_process import BACKEND


@pytest.fixture(scope="module")
def configuration() -> dict[str, Any]:
    """What the file defines."""
    return runpy.run_path(str(BACKEND / "gunicorn.conf.py"))


@pytest.mark.parametrize(
    ("total", "deadline", "for_requests"),
    [(30, 5.0, 22), (30, 0.1, 26), (30, 10.0, 17), (30, 300.0, 15), (6, 5.0, 3), (1, 5.0, 0)],
)
def test_sending_has_its_deadline_or_half(
    configuration: dict[str, Any], total: int, deadline: float, for_requests: int
) -> None:
    """Requests have what tracing's deadline leaves of the graceful timeout, and never less than half."""
    worker = SimpleNamespace(cfg=Config())
    worker.cfg.set("graceful_timeout", total)
    configuration["_leave_time_to_flush"](worker, deadline)
    assert worker.cfg.graceful_timeout == for_requests
