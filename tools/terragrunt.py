"""Terragrunt: from PATH where its version fits, else the vendor's release, else built from Go modules."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import cache, download, executables, platforms, progress, versions
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
    go = shutil.which("go")
    if go is None:
        raise ToolError(
            f"Terragrunt {versions.TERRAGRUNT} can't be built without Go",
            remedy="install Go 1.26 or later, or Terragrunt 1.1.x, so that it is on PATH",
        )
    environment = dict(os.environ, CGO_ENABLED="0")
    if not environment.get("HOME"):
        environment.setdefault("GOPATH", str(cache.folder() / "go"))
        environment.setdefault("GOCACHE", str(cache.folder() / "go-build"))
    temporary = target.with_suffix(".part")
    linker = f"-s -w -X {MODULE}/internal/version.Version=v{versions.TERRAGRUNT}"
    command: list[str | Path] = [
        go,
        "build",
        "-mod=readonly",
        "-trimpath",
        "-ldflags",
        linker,
        "-o",
        temporary,
        MODULE,
    ]
    with progress.step(f"Terragrunt {versions.TERRAGRUNT} built from its Go modules (minutes, once)"):
        code, output = progress.run(command, environment=environment, folder=_FOLDER)
    if code != 0:
        last = (output.strip().splitlines() or ["no output"])[-1]
        raise ToolError(
            f"Terragrunt {versions.TERRAGRUNT} could not be built ({last})",
            remedy="install Terragrunt 1.1.x so that `terragrunt` is on PATH",
        )
    temporary.replace(target)
