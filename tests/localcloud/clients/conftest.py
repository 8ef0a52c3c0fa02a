"""One local cloud, as a process, for all clients that aren't ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localcloud.clients.cloud import RunningCloud, running_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningCloud]:
    """A local cloud for the tests of one module."""
    with running_cloud() as running:
        yield running
