"""The variables that Terragrunt, and through it Terraform and the provider, get from us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.secrets import KEY_VARIABLE, TERRAFORM_VARIABLE
from scripts.terragrunt import provider
from tools import locate

if TYPE_CHECKING:
    from scripts.environment import Environment

GARBAGE_COLLECTION_PERCENT = "400"


def variables(environment: Environment, *, key: str | None = None) -> dict[str, str]:
    """Return the child's variables; *key*, the Honeycomb key, only for a run that writes it.

    Go collects garbage less often (GOGC): the provider's schema makes a short run mostly that.
    """
    child = dict(environment.variables)
    for name in (KEY_VARIABLE, TERRAFORM_VARIABLE):
        child.pop(name, None)
    if not environment.is_local:
        child.pop(provider.VARIABLE, None)
    folders = dict.fromkeys(str(tool.parent) for tool in (locate.terragrunt(), locate.terraform()))
    child["PATH"] = ":".join([*folders, child.get("PATH", "")])
    child["TF_CLI_CONFIG_FILE"] = str(locate.cli_config())
    child["TF_IN_AUTOMATION"] = "1"
    child["TF_INPUT"] = "0"
    child["TG_TF_PATH"] = str(locate.terraform())
    child.setdefault("GOGC", GARBAGE_COLLECTION_PERCENT)
    if key is not None:
        # A log that Terraform writes itself would not pass our filter.
        child = {name: value for name, value in child.items() if not name.startswith("TF_LOG")}
        child[TERRAFORM_VARIABLE] = key
    return child
