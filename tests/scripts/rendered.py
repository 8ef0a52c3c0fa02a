"""The local environment's units, rendered by the real Terragrunt, for the tests that need their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.environment import Environment
from scripts.terragrunt import units
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.terragrunt.render import Unit


def local_units(variables: Mapping[str, str]) -> dict[str, Unit]:
    """Return the tracing units of the local environment, rendered with *variables*."""
    environment = Environment("local", variables)
    return render(environment, units.selected(environment, ""))
