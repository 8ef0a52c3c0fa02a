"""The local environment's units, rendered by the real Terragrunt, for the tests that need their values."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scripts.environment import Environment
from scripts.terragrunt import units
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.localcloud_process import LocalCloud
    from scripts.terragrunt.render import Unit


def local_units(variables: Mapping[str, str]) -> dict[str, Unit]:
    """Return the tracing units of the local environment, rendered with *variables*."""
    environment = Environment("local", variables)
    return render(environment, units.selected(environment, ""))


def units_on(cloud: LocalCloud) -> dict[str, Unit]:
    """Return the same, rendered for a local cloud that runs."""
    return local_units(
        {
            **os.environ,
            "AWS_ENDPOINT_URL": cloud.aws_endpoint_url,
            "AWS_REGION": "us-east-1",
            "HONEYCOMB_API_ENDPOINT": cloud.honeycomb_api_endpoint,
        }
    )
