"""``deploy.*``: everything applied from nothing, planned without a change, and given another image.

On a local cloud of its own. The baseline of the first three is Terraform's own part of the same run: the
seconds in which at least one Terraform process ran. ``deploy.plan.one_root`` is the plan against a bare
``terraform plan`` of one root that has every unit's stack as a module, in turns with it; ``.unshared`` is
that plan as dev and prod have it, with a provider process for each unit.
"""

from __future__ import annotations

import socket
import statistics
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3

from bench import commands, local_cloud, one_root, plan, terragrunt_spans
from bench.figures import Figure, interleaved
from scripts.deploy import registry
from scripts.paths import LOCAL_VARIABLE
from scripts.terragrunt.units import available

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.terragrunt_spans import Timing

NAMES = ("deploy.apply", "deploy.plan", "deploy.image")
APPLY_ROUNDS = 2
PLAN_ROUNDS = 5
IMAGE_ROUNDS = 3
_NAME = "cruddur-local-backend-flask"
_BENCH_NAME = "cruddur-bench-backend-flask"
_BENCH_PARAMETER = "/cruddur/bench/backend-flask/deploy/image"
_FIRST = "bench-first"


def measure() -> Iterator[Figure]:
    """Yield the figures, in wall seconds of the whole commands."""
    applied = []
    for number in range(1, APPLY_ROUNDS):
        with local_cloud.own() as folder:
            applied.append(_apply(folder, number))
    with local_cloud.own() as folder:
        applied.append(_apply(folder, APPLY_ROUNDS))
        yield _figure("deploy.apply", applied)
        place = _Place(folder)
        _say("a first image")
        place.deploy(place.push(_FIRST))
        yield from _planned(place)
        changed = []
        for number in range(1, IMAGE_ROUNDS + 1):
            _say(f"another image, {number} of {IMAGE_ROUNDS}")
            changed.append(place.deploy(place.push(f"bench-{number}")))
        yield _figure("deploy.image", changed)


class _Place:
    """A local cloud with everything applied, and images that are pushed and deployed there."""

    def __init__(self, folder: Path) -> None:
        self.variables = {LOCAL_VARIABLE: str(folder)}
        self.addresses = local_cloud.addresses(folder)
        self.key = (folder / "honeycomb-key").read_text().strip()
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = str(probe.getsockname()[1])

    def client(self, service: str) -> Any:
        """Return a client of this local cloud."""
        session: Any = boto3.Session(
            self.addresses["AWS_ACCESS_KEY_ID"],
            self.addresses["AWS_SECRET_ACCESS_KEY"],
            region_name=self.addresses["AWS_REGION"],
        )
        return session.client(service, endpoint_url=self.addresses["AWS_ENDPOINT_URL"])

    def push(self, tag: str, name: str = _NAME) -> str:
        """Put the manifest of an image of that *tag* into the repository *name*; return its reference."""
        ecr = self.client("ecr")
        ecr.put_image(repositoryName=name, imageManifest=registry.manifest(tag), imageTag=tag)
        [found] = ecr.describe_repositories(repositoryNames=[name])["repositories"]
        return f"{found['repositoryUri']}:{tag}"

    def deploy(self, image: str) -> Timing:
        """Deploy *image* as an operator does, until it answers and is verified."""
        command = commands.scripts("deploy", "--image", image, "--port", self._port)
        return terragrunt_spans.timed(command, self.variables)


def _apply(folder: Path, number: int) -> Timing:
    _say(f"everything applied from nothing, {number} of {APPLY_ROUNDS}")
    return terragrunt_spans.timed(commands.scripts("apply", "--unit", "all"), {LOCAL_VARIABLE: str(folder)})


def _planned(place: _Place) -> Iterator[Figure]:
    """Yield the plan's figures, with one root beside the units that has an image deployed too."""
    names = available(one_root.local_environment(place.addresses))
    ours: list[Timing] = []

    def plan_ours() -> float:
        _say(f"a plan without a change, {len(ours) + 1} of {PLAN_ROUNDS}")
        ours.append(terragrunt_spans.timed(commands.scripts("plan", "--unit", "all"), place.variables))
        return ours[-1].whole

    with one_root.initialised(place.addresses, names) as root:
        _say("one root of the same resources")
        one_root.apply(root, place.key, "registry")
        image = place.push(_FIRST, _BENCH_NAME)
        place.client("ssm").put_parameter(Name=_BENCH_PARAMETER, Value=image, Overwrite=True)
        # Which alarms there are follows from the service: one root has to be applied in steps.
        one_root.apply(root, place.key, *(name for name in names if name != "alarms"))
        one_root.apply(root, place.key)
        medians = interleaved(
            {
                "ours": plan_ours,
                "unshared": partial(plan.unshared, place.addresses, names),
                "one root": partial(root.terraform, *one_root.PLAN),
            },
            PLAN_ROUNDS,
        )
    yield _figure("deploy.plan", ours)
    yield Figure.of("deploy.plan.one_root", medians["ours"], "s", medians["one root"])
    yield Figure.of("deploy.plan.one_root.unshared", medians["unshared"], "s", medians["one root"])


def _figure(name: str, timings: Sequence[Timing]) -> Figure:
    """Return the median of the whole commands, against that of Terraform's part in them."""
    whole = statistics.median(timing.whole for timing in timings)
    return Figure.of(name, whole, "s", statistics.median(timing.terraform for timing in timings))


def _say(text: str) -> None:
    print(f"bench: deploy: {text} ...", file=sys.stderr, flush=True)
