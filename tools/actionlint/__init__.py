"""actionlint, which checks GitHub's workflows: from PATH, else the vendor's release, else built from modules.

The Go module beside this is its own: within Terragrunt's, one would choose the other's dependencies.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

from tools import cache, download, executables, go_build, platforms, progress, versions
from tools.errors import ToolError

RELEASES_URL = "https://github.com/rhysd/actionlint/releases/download"
MODULE = "github.com/rhysd/actionlint"
_FOLDER = Path(__file__).resolve().parent


def cached() -> Path:
    """Return where the pinned version is kept, whether it is there or not."""
    return cache.folder() / "actionlint" / versions.ACTIONLINT / "actionlint"


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return the pinned actionlint; fetch the vendor's release or, where that can't be had, build it.

    Raises ToolError where neither works.
    """
    path, _ = executables.on_path("actionlint", ["-version"], versions.actionlint_fits)
    if path is not None:
        return path
    with cache.locked("actionlint"):
        if cached().exists():
            return cached()
        cached().parent.mkdir(parents=True, exist_ok=True)
        try:
            with progress.step(f"actionlint {versions.ACTIONLINT} from its vendor"):
                _fetch(releases_url, cached())
        except ToolError as error:
            progress.say(f"  {error.message}; it is built from its Go module instead")
            go_build.build(
                f"{MODULE}/cmd/actionlint",
                cached(),
                name=f"actionlint {versions.ACTIONLINT}",
                fitting=f"actionlint {versions.ACTIONLINT}",
                linker=f"-X {MODULE}.version={versions.ACTIONLINT}",
                folder=_FOLDER,
            )
    return cached()


def _fetch(releases_url: str, target: Path) -> None:
    system, machine = platforms.current()
    base = f"{releases_url}/v{versions.ACTIONLINT}"
    name = f"actionlint_{versions.ACTIONLINT}_{system}_{machine}.tar.gz"
    archive = target.with_name(name)
    download.fetch(f"{base}/{name}", archive, sha256=versions.ACTIONLINT_SHA256[system, machine])
    temporary = target.with_suffix(".part")
    try:
        with tarfile.open(archive) as content:
            member = content.extractfile("actionlint")
            if member is None:
                raise ToolError(f"{name} holds no actionlint", remedy="check tools/versions.py")
            temporary.write_bytes(member.read())
    except (KeyError, tarfile.TarError) as error:
        raise ToolError(f"{name} can't be unpacked ({error})", remedy="check tools/versions.py") from error
    finally:
        archive.unlink()
    temporary.chmod(0o755)
    temporary.replace(target)
