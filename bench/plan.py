"""``plan.noop``: a no-op ``make plan`` over the tracing units against a bare ``terraform plan`` of one root.

The bare root has the same resources, from the same stacks, in the same state bucket. Beside it stands
``plan.noop.unshared``: the same command as dev and prod run it, with a provider process for each unit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench import commands, local_cloud, one_root
from bench.figures import Figure, interleaved
from scripts.terragrunt.children import variables
from scripts.terragrunt.command import Terragrunt
from scripts.terragrunt.units import TRACING
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAMES = ("plan.noop",)
ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Yield both figures, in wall seconds of the whole command."""
    with local_cloud.applied() as addresses, one_root.initialised(addresses, TRACING) as root:
        try:
            one_root.apply(root, local_cloud.KEY_FILE.read_text().strip())
            medians = interleaved(
                {
                    "ours": partial(commands.wall_seconds, commands.scripts("plan")),
                    "unshared": partial(unshared, addresses, TRACING),
                    "bare": partial(root.terraform, *one_root.PLAN),
                },
                ROUNDS,
            )
        finally:
            one_root.destroy(root)
    yield Figure.of("plan.noop", medians["ours"], "s", medians["bare"])
    yield Figure.of("plan.noop.unshared", medians["unshared"], "s", medians["bare"])


def unshared(addresses: Mapping[str, str], units: Sequence[str]) -> float:
    """Return the wall seconds of a plan of *units* by Terragrunt, each with a provider process of its own."""
    environment = one_root.local_environment(addresses)
    terragrunt = Terragrunt(locate.terragrunt(), locate.terraform(), environment.folder)
    command = terragrunt.run_all("plan", units, input=False)
    return commands.wall_seconds(command, environment=variables(environment))
