"""One bare Terraform root that calls the units' stacks as modules: the baseline of Terragrunt's units.

It has the same provider block and state bucket, and the same resources under names of its own.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import commands
from scripts.environment import Environment, local_variables
from scripts.secrets import TERRAFORM_VARIABLE
from scripts.terragrunt.children import variables
from scripts.terragrunt.render import render
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scripts.terragrunt.render import Unit

PLAN = ("plan", "-input=false", "-no-color", "-detailed-exitcode")
STACKS = commands.ROOT / "terraform" / "backend-app" / "stacks"
_APPLY = ("apply", "-auto-approve", "-input=false", "-no-color")
_NAMES = {"cruddur-local": "cruddur-bench", "/cruddur/local": "/cruddur/bench"}
_KEY_UNIT, _KEY = "honeycomb-key", "honeycomb_api_key"
_TAKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "service": {
        "network": ("vpc_id", "public_subnet_ids", "private_subnet_ids"),
        "registry": ("repository_url", "image_parameter_name"),
    },
    "alarms": {"service": ("alb_arn_suffix", "target_group_arn_suffix")},
}
_ECS = {"cluster_name": "${module.service.cluster_name}", "service_name": "${module.service.service_name}"}


@dataclass(frozen=True)
class Root:
    """The folder of the root, and the variables of a Terraform that runs in it."""

    folder: Path
    environment: Mapping[str, str]

    def terraform(self, *arguments: str, key: str | None = None) -> float:
        """Run Terraform and return the wall seconds it took. Raises CommandFailedError."""
        given = self.environment if key is None else {**self.environment, TERRAFORM_VARIABLE: key}
        command = [str(locate.terraform()), *arguments]
        return commands.wall_seconds(command, folder=self.folder, environment=given)


@contextmanager
def initialised(addresses: Mapping[str, str], names: Sequence[str]) -> Iterator[Root]:
    """Make the root of the local units *names*, initialised. Raises CommandFailedError, OperatorError."""
    environment = local_environment(addresses)
    # As a bare Terraform comes: how often ours collects garbage is ours.
    plain = {name: value for name, value in variables(environment).items() if name != "GOGC"}
    rendered = render(environment, names)
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder), plain)
        (root.folder / "main.tf.json").write_text(json.dumps(configuration(rendered)))
        (root.folder / "provider.tf").write_text(next(iter(rendered.values())).provider)
        root.terraform("init", "-input=false", "-no-color")
        yield root


def apply(root: Root, key: str, *modules: str) -> None:
    """Apply the *modules* of *root*, or all of it. *key* is the Honeycomb key. Raises CommandFailedError."""
    root.terraform(*_APPLY, *(f"-target=module.{module}" for module in modules), key=key)


def destroy(root: Root) -> None:
    """Destroy what was applied of *root*. Raises CommandFailedError."""
    root.terraform(*_APPLY, "-destroy")


def local_environment(addresses: Mapping[str, str]) -> Environment:
    """Return the local environment at *addresses*, the variables that local-up writes."""
    return Environment("local", local_variables(os.environ, dict(addresses)))


def configuration(units: Mapping[str, Unit]) -> dict[str, Any]:
    """Return the root's configuration as JSON has it: a module a unit, wired as the units' dependencies."""
    any_unit = next(iter(units.values()))
    modules = {
        name: {"source": str(STACKS / name), **renamed(unit.inputs), **wired(name, units)}
        for name, unit in units.items()
    }
    return {
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": any_unit.bucket,
                    "key": "bench/terraform.tfstate",
                    "region": any_unit.state_region,
                    "encrypt": True,
                    "use_lockfile": True,
                    "use_path_style": True,
                }
            }
        },
        "variable": {_KEY: {"type": "string", "ephemeral": True, "sensitive": True, "default": None}},
        "module": modules,
    }


def wired(name: str, units: Mapping[str, Unit]) -> dict[str, Any]:
    """Return what unit *name* has from the others of *units*, and the one secret, as expressions."""
    found: dict[str, Any] = {
        taken: f"${{module.{other}.{taken}}}"
        for other, outputs in _TAKEN.get(name, {}).items()
        if other in units
        for taken in outputs
    }
    if name == _KEY_UNIT:
        found[_KEY] = f"${{var.{_KEY}}}"
    if name == "alarms" and "service" in units:
        found["ecs"] = _ECS
    if name == "access":
        # An account has one such provider: unit access has made it.
        account = units[name].target.account_id
        issuer = "token.actions.githubusercontent.com"
        found["github_oidc_provider_arn"] = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
    return found


def renamed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return *inputs* with the root's own names in place of the local environment's."""
    text = json.dumps(dict(inputs))
    for local, own in _NAMES.items():
        text = text.replace(local, own)
    changed: dict[str, Any] = json.loads(text)
    return changed
