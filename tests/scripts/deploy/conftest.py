"""The names and clients of a deployment on the local cloud of these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.deploy.calls import Aws
from scripts.deploy.names import Names

if TYPE_CHECKING:
    from scripts.environment import Environment


@pytest.fixture
def names(request: pytest.FixtureRequest) -> Names:
    """Names of this test alone."""
    name = request.node.name.split("[")[0].replace("_", "-")[:60]
    return Names("123456789012", "us-east-1", name, name, name, f"/d/{name}/deploy/image", "")


@pytest.fixture
def aws(local: Environment) -> Aws:
    """Clients of the local cloud."""
    return Aws(local.variables["AWS_REGION"])
