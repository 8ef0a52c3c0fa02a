"""What belongs to a running local cloud: ``.local/env``, the key's file, the state bucket."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from scripts import environment, honeycomb_key, local_env, localcloud_process, paths, state
from scripts.errors import OperatorError
from scripts.terragrunt import bootstrap
from scripts.terragrunt.render import render
from scripts.terragrunt.units import selected
from tools import locate

if TYPE_CHECKING:
    from argparse import Namespace

    from scripts.localcloud_process import LocalCloud
    from scripts.output import Output

REGION = "us-east-1"
_FILES = ("env", "localcloud.json", "honeycomb-key")


def check_tools() -> None:
    """Raise ToolError where Terraform, Terragrunt or the provider is missing, before anything starts."""
    locate.terraform()
    locate.terragrunt()
    locate.cli_config()


def write_key(given: str | None) -> None:
    """Put *given* into the key's file (mode 600); without one the local cloud makes a key there itself."""
    file = localcloud_process.key_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    if given is None:
        return
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:  # noqa: PTH123
        handle.write(f"{given}\n")


def check_same(cloud: LocalCloud, arguments: Namespace, given: str | None, *, running: bool) -> None:
    """Raise OperatorError where the running local cloud is not as asked for: ports or key differ."""
    if not running:
        return
    down = "run `make local-down` first"
    for option, address in (
        ("aws_port", cloud.aws_endpoint_url),
        ("daemon_port", cloud.daemon_address),
        ("honeycomb_port", cloud.honeycomb_api_endpoint),
    ):
        wanted = getattr(arguments, option)
        if wanted and not address.endswith(f":{wanted}"):
            raise OperatorError(f"the local cloud runs already, at {address}, not on {wanted}", remedy=down)
    if given is not None and given != honeycomb_key.stored():
        raise OperatorError("the local cloud runs already, with another Honeycomb key", remedy=down)


def path_folders() -> list[str]:
    """Return the folders to put before PATH: those of the tools that PATH does not lead to, and .venv's."""
    folders = []
    for name, path in (("terraform", locate.terraform()), ("terragrunt", locate.terragrunt())):
        if shutil.which(name) != str(path):
            folders.append(str(path.parent))
    folders.append(str(paths.ROOT / ".venv" / "bin"))
    return folders


def write_env(cloud: LocalCloud) -> None:
    """Write ``.local/env``, replaced whole."""
    values = {
        "AWS_ENDPOINT_URL": cloud.aws_endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_XRAY_DAEMON_ADDRESS": cloud.daemon_address,
        "HONEYCOMB_API_ENDPOINT": cloud.honeycomb_api_endpoint,
        "TF_CLI_CONFIG_FILE": str(locate.cli_config()),
    }
    file = paths.local_folder() / "env"
    temporary = file.with_suffix(f".{os.getpid()}")
    temporary.write_text(local_env.render(values, path_folders=path_folders()))
    temporary.replace(file)


def bootstrap_state(output: Output) -> None:
    """Have Terragrunt make the local state bucket where it is missing."""
    local = environment.load("local")
    name = selected(local, "")[0]
    unit = render(local, [name])[name]
    if not state.bucket_exists(unit, local):
        bootstrap.run(local, name, output)


def clean_up() -> None:
    """Remove the files that mean nothing without the process; the log stays for whoever wonders."""
    for name in _FILES:
        (paths.local_folder() / name).unlink(missing_ok=True)
