"""Terragrunt: from PATH where its version fits, else the vendor's release, else built from Go modules."""

from __future__ import annotations

from pathlib import Path

from tools import cache, download, executables, go_build, platforms, progress, versions
from tools.errors import ToolError

RELEASES_URL = "https://github.com/gruntwork-io/terragrunt/releases/download"
MODULE = "github.com/gruntwork-io/terragrunt"
_FOLDER = Path(__file__).resolve().parent


def cached() -> Path:
    """Return where the pinned version is kept, whether it is there or not."""
    return cache.folder() / "terragrunt" / versions.TERRAGRUNT / "terragrunt"


def find() -> Path:
    """Return a Terragrunt that fits, without fetching or building one.

    Raises ToolError where PATH and cache hold none.
    """
    path, found = executables.on_path("terragrunt", ["--version"], versions.terragrunt_fits)
    if path is not None:
        return path
    if cached().exists():
        return cached()
    raise ToolError(f"Terragrunt 1.1.x is needed ({found})", remedy="run `make tools`")


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return a Terragrunt that fits; fetch the vendor's release or, where that can't be had, build it.

    Raises ToolError where neither works.
    """
    path, _ = executables.on_path("terragrunt", ["--version"], versions.terragrunt_fits)
    if path is not None:
        return path
    with cache.locked("terragrunt"):
        if cached().exists():
            return cached()
        cached().parent.mkdir(parents=True, exist_ok=True)
        try:
            with progress.step(f"Terragrunt {versions.TERRAGRUNT} from its vendor"):
                _fetch(releases_url, cached())
        except ToolError as error:
            progress.say(f"  {error.message}; it is built from its Go module instead")
            _build(cached())
    return cached()


def _fetch(releases_url: str, target: Path) -> None:
    system, machine = platforms.current()
    base = f"{releases_url}/v{versions.TERRAGRUNT}"
    name = f"terragrunt_{system}_{machine}"
    wanted = download.published_sum(download.read_text(f"{base}/SHA256SUMS"), name)
    download.fetch(f"{base}/{name}", target, sha256=wanted)
    target.chmod(0o755)


def _build(target: Path) -> None:
    go_build.build(
        MODULE,
        target,
        name=f"Terragrunt {versions.TERRAGRUNT}",
        fitting="Terragrunt 1.1.x",
        linker=f"-X {MODULE}/internal/version.Version=v{versions.TERRAGRUNT}",
        folder=_FOLDER,
    )
