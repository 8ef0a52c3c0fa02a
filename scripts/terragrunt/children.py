"""The variables that Terragrunt, and through it Terraform and the provider, get from us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.secrets import CONFIGURATION_VARIABLE, KEY_VARIABLE, TERRAFORM_VARIABLE
from scripts.terragrunt import reattach
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.environment import Environment

GARBAGE_COLLECTION_PERCENT = "400"
# Logs of Terraform and the provider hold what AWS answers, the decrypted key too, and pass no filter of ours.
# The others change what is run, where, or the form of what is said, which is read here.
_NOT_PASSED_ON = re.compile(
    r"TF_(?:LOG|ACC|CLI_ARGS)\w*|TF_(?:DATA_DIR|WORKSPACE)"
    r"|TG_(?!TELEMETRY_|PROVIDER_CACHE|DOWNLOAD_DIR|PARALLELISM|AUTH_PROVIDER_CMD|IAM_ASSUME_ROLE)\w*"
)


def variables(environment: Environment, *, key: str | None = None) -> dict[str, str]:
    """Return the child's variables; *key*, the Honeycomb key, only for a run that writes it.

    Go collects garbage less often (GOGC): the provider's schema makes a short run mostly that.
    """
    child = dict(environment.variables)
    for name in (KEY_VARIABLE, CONFIGURATION_VARIABLE, TERRAFORM_VARIABLE, *not_passed_on(child)):
        child.pop(name, None)
    if not environment.is_local:
        child.pop(reattach.VARIABLE, None)
    folders = dict.fromkeys(str(tool.parent) for tool in (locate.terragrunt(), locate.terraform()))
    child["PATH"] = ":".join([*folders, child.get("PATH", "")])
    child["TF_CLI_CONFIG_FILE"] = str(locate.cli_config())
    child["TF_IN_AUTOMATION"] = "1"
    child["TF_INPUT"] = "0"
    child["TG_TF_PATH"] = str(locate.terraform())
    child.setdefault("GOGC", GARBAGE_COLLECTION_PERCENT)
    if key is not None:
        child[TERRAFORM_VARIABLE] = key
    return child


def not_passed_on(caller: Mapping[str, str]) -> list[str]:
    """Return the names of *caller*'s variables that would show the key or distort the run, sorted."""
    return sorted(name for name in caller if _NOT_PASSED_ON.fullmatch(name))
