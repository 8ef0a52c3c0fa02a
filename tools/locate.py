"""Where the tools are, for the operator's commands; nothing here fetches or builds."""

from __future__ import annotations

from pathlib import Path

from tools import cli_config as configuration
from tools import provider as aws_provider
from tools import terraform as terraform_tool
from tools import terragrunt as terragrunt_tool
from tools.errors import ToolError


def terraform() -> Path:
    """Return Terraform's executable. Raises ToolError with the remedy where it is missing."""
    return terraform_tool.find()


def terragrunt() -> Path:
    """Return Terragrunt's executable. Raises ToolError with the remedy where it is missing."""
    return terragrunt_tool.find()


def cli_config() -> Path:
    """Return the file for TF_CLI_CONFIG_FILE, written anew where it is not current.

    Raises ToolError where no mirror holds the provider.
    """
    mirror = aws_provider.find_mirror()
    if mirror is None:
        raise ToolError("the AWS provider is not on this machine", remedy="run `make tools`")
    return configuration.write(mirror)


def provider() -> Path | None:
    """Return the AWS provider's unpacked executable, or None where no mirror holds it."""
    mirror = aws_provider.find_mirror()
    return aws_provider.binary_in(mirror) if mirror is not None else None
