"""Fixtures: a copy of the infrastructure tree, one provider process for all tests that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.terragrunt.provider import started
from tests.terraform.cloud import Cloud
from tests.terraform.commands import Tree, base_environment, stack_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a copy of the infrastructure tree."""
    return Tree.copy(tmp_path)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """Yield an AWS for all tests that need one."""
    with Cloud() as running:
        yield running


@pytest.fixture(scope="session")
def shared_provider(cloud: Cloud) -> Iterator[dict[str, str]]:
    """Yield the variables that make Terraform use one provider process; none without an unpacked provider.

    The process reads endpoint and credentials from its own environment, not from Terraform's.
    """
    with started(base_environment() | {"AWS_ENDPOINT_URL": cloud.endpoint}) as provider:
        yield provider.variables(stack_types()) if provider else {}
