"""terraform-docs, which writes the tables of inputs and outputs in the stacks' READMEs."""

from __future__ import annotations

from pathlib import Path

from tools import versions
from tools.vendored import Vendored

RELEASES_URL = "https://github.com/terraform-docs/terraform-docs/releases/download"
MODULE = "github.com/terraform-docs/terraform-docs"
TOOL = Vendored(
    name="terraform-docs",
    version=versions.TERRAFORM_DOCS,
    version_arguments=("--version",),
    archive=f"terraform-docs-v{versions.TERRAFORM_DOCS}-{{system}}-{{machine}}.tar.gz",
    sha256=versions.TERRAFORM_DOCS_SHA256,
    package=MODULE,
    folder=Path(__file__).resolve().parent,
)


def cached() -> Path:
    """Return where the pinned version is kept, whether it is there or not."""
    return TOOL.cached()


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return the pinned terraform-docs. Raises ToolError where it can be neither fetched nor built."""
    return TOOL.ensure(releases_url)
