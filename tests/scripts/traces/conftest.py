"""A local cloud of these tests' own: they fill it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts import local_setup, localcloud_process, paths
from xray.names import to_xray_trace_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.localcloud_process import LocalCloud


class Filled:
    """A running local cloud, the folder of its files, and a way to put traces into its X-Ray."""

    def __init__(self, folder: Path, cloud: LocalCloud) -> None:
        self.folder = folder
        self.cloud = cloud
        # A key id that names the account, as in .local/env.
        self.xray = boto3.client(
            "xray",
            region_name="us-east-1",
            endpoint_url=cloud.aws_endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._ids = iter(range(1, 1 << 20))

    def identity(self) -> str:
        """Return an id of 16 hex digits that nothing has yet."""
        return f"{next(self._ids):016x}"

    def trace_id(self) -> str:
        """Return an id for a trace that begins now."""
        return to_xray_trace_id((int(time.time()) << 96) | next(self._ids))

    def put(self, *documents: dict[str, Any]) -> None:
        """Put *documents*, which X-Ray has to take."""
        answer = self.xray.put_trace_segments(TraceSegmentDocuments=[json.dumps(one) for one in documents])
        assert answer["UnprocessedTraceSegments"] == []

    def segment(self, name: str, **more: Any) -> dict[str, Any]:
        """Return a segment, of a trace of its own unless told otherwise, that took a tenth of a second."""
        end = time.time()
        times = {"start_time": end - 0.1, "end_time": end}
        return {"name": name, "id": self.identity(), "trace_id": self.trace_id(), **times, **more}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The local cloud, empty when a module's tests begin."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.LOCAL_VARIABLE, str(folder))
        running = localcloud_process.start(aws_port=0, daemon_port=0, honeycomb_port=0)
        try:
            local_setup.write_env(running)
            yield Filled(folder, running)
        finally:
            localcloud_process.stop(running)
