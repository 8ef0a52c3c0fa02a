"""actionlint, which checks GitHub's workflows."""

from __future__ import annotations

from pathlib import Path

from tools import versions
from tools.vendored import Vendored

RELEASES_URL = "https://github.com/rhysd/actionlint/releases/download"
MODULE = "github.com/rhysd/actionlint"
TOOL = Vendored(
    name="actionlint",
    version=versions.ACTIONLINT,
    version_arguments=("-version",),
    archive=f"actionlint_{versions.ACTIONLINT}_{{system}}_{{machine}}.tar.gz",
    sha256=versions.ACTIONLINT_SHA256,
    package=f"{MODULE}/cmd/actionlint",
    folder=Path(__file__).resolve().parent,
    linker=f"-X {MODULE}.version={versions.ACTIONLINT}",
)


def cached() -> Path:
    """Return where the pinned version is kept, whether it is there or not."""
    return TOOL.cached()


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return the pinned actionlint. Raises ToolError where it can be neither fetched nor built."""
    return TOOL.ensure(releases_url)
