"""tflint, which looks for what Terraform itself lets pass; the Terraform ruleset is part of it."""

from __future__ import annotations

from pathlib import Path

from tools import versions
from tools.vendored import Vendored

RELEASES_URL = "https://github.com/terraform-linters/tflint/releases/download"
MODULE = "github.com/terraform-linters/tflint"
TOOL = Vendored(
    name="tflint",
    version=versions.TFLINT,
    version_arguments=("--version",),
    archive="tflint_{system}_{machine}.zip",
    sha256=versions.TFLINT_SHA256,
    package=MODULE,
    folder=Path(__file__).resolve().parent,
)


def cached() -> Path:
    """Return where the pinned version is kept, whether it is there or not."""
    return TOOL.cached()


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return the pinned tflint. Raises ToolError where it can be neither fetched nor built."""
    return TOOL.ensure(releases_url)
