"""What was sampled is sent before the process ends, under every kind of worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.backend import trace_id_of
from tests.end_to_end.traces import in_both

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.backend import Stage

REQUESTS = 60
CLIENTS = 4
RECYCLED = ("--max-requests", "12")


@pytest.mark.parametrize("recycled", [(), RECYCLED], ids=["", "recycled"])
@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["", "preload"])
@pytest.mark.parametrize("worker_class", ["gthread", "sync", "gevent"])
def test_nothing_is_lost(
    stage: Stage,
    xray: XRayClient,
    tmp_path: Path,
    worker_class: str,
    preload: tuple[str, ...],
    recycled: tuple[str, ...],
) -> None:
    """SIGTERM right after the last answer, workers renewed on the way: each trace is whole in both sinks."""
    options = ("-k", worker_class, "-w", "2", *preload, *recycled)
    with stage.serving(tmp_path, *options) as backend:
        with ThreadPoolExecutor(CLIENTS) as clients:
            responses = list(clients.map(backend.get, ["/api/activities/home"] * REQUESTS))
        assert backend.stop() == 0
        assert {response.status_code for response in responses} == {200}
        assert "Traceback" not in backend.output()
    ids = {trace_id_of(response) for response in responses}
    assert len(ids) == REQUESTS
    found = in_both(xray, stage.honeycomb, ids, spans=2)
    assert {len(spans) for pair in found.values() for spans in pair} == {2}
