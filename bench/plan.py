"""``plan.noop``: a no-op ``make plan`` over all tracing units against a bare ``terraform plan`` of one root.

The bare root has the same resources, from the same stacks, in the same state bucket. Beside it stands
``plan.noop.unshared``: the same command as dev and prod run it, with a provider process for each unit.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import commands, local_cloud
from bench.figures import Figure, interleaved

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("plan.noop",)
ROUNDS = 5
STACKS = commands.ROOT / "terraform" / "backend-app" / "stacks"
UNITS = commands.ROOT / "terraform" / "backend-app" / "config" / "local"
TRACING_UNITS = ("xray", "honeycomb", "honeycomb-key", "logs")


def measure() -> Iterator[Figure]:
    """Yield both figures, in wall seconds of the whole command."""
    with local_cloud.applied() as addresses, _bare_root(addresses) as root:
        bare = ["terraform", "plan", "-input=false", "-no-color", "-detailed-exitcode"]
        units: list[str | Path] = [
            "terragrunt",
            "run",
            "--all",
            "--non-interactive",
            "--working-dir",
            UNITS,
            "plan",
        ]
        medians = interleaved(
            {
                "ours": partial(commands.wall_seconds, commands.scripts("plan")),
                "unshared": partial(commands.wall_seconds, units, environment={**addresses, "GOGC": "400"}),
                "bare": partial(commands.wall_seconds, bare, folder=root, environment=addresses),
            },
            ROUNDS,
        )
    yield Figure.of("plan.noop", medians["ours"], "s", medians["bare"])
    yield Figure.of("plan.noop.unshared", medians["unshared"], "s", medians["bare"])


@contextmanager
def _bare_root(addresses: dict[str, str]) -> Iterator[Path]:
    """Make one root of the same resources under names of its own, applied; remove them at the end."""
    key = (commands.ROOT / ".local" / "honeycomb-key").read_text().strip()
    secret = {**addresses, "TF_VAR_honeycomb_api_key": key}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "main.tf.json").write_text(json.dumps(_configuration(addresses)))
        commands.output(
            ["terraform", "init", "-input=false", "-no-color"], folder=root, environment=addresses
        )
        apply = ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"]
        commands.output(apply, folder=root, environment=secret)
        try:
            yield root
        finally:
            commands.output([*apply, "-destroy"], folder=root, environment=addresses)


def _configuration(addresses: dict[str, str]) -> dict[str, Any]:
    modules: dict[str, dict[str, Any]] = {}
    backend: dict[str, Any] = {}
    for unit in TRACING_UNITS:
        text = commands.output(
            ["terragrunt", "render", "--json", "--working-dir", UNITS / unit], environment=addresses
        )
        rendered = json.loads(
            text.replace("cruddur-local", "cruddur-bench").replace("/cruddur/local", "/cruddur/bench")
        )
        modules[unit] = {"source": str(STACKS / unit), **rendered["inputs"]}
        backend = json.loads(text)["remote_state"]["config"]
    modules["honeycomb-key"]["honeycomb_api_key"] = "${var.honeycomb_api_key}"
    state = {
        name: backend[name] for name in ("bucket", "region", "encrypt", "use_lockfile", "use_path_style")
    }
    return {
        "terraform": {"backend": {"s3": {**state, "key": "bench/terraform.tfstate"}}},
        "provider": {
            "aws": {"region": addresses["AWS_REGION"], "default_tags": {"tags": {"Project": "bench"}}}
        },
        "variable": {
            "honeycomb_api_key": {"type": "string", "ephemeral": True, "sensitive": True, "default": None}
        },
        "module": modules,
    }
