"""A linter that is one executable: the pinned version from PATH, else the vendor's release, else built.

Each has a Go module of its own in a folder of its own: in one, they would choose each other's dependencies.
"""

from __future__ import annotations

import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools import cache, download, executables, go_build, platforms, progress, versions
from tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Vendored:
    """A vendor's tool at one version.

    `version_arguments` have it print that version. `archive`, with {system} and {machine} in it, is what a
    release offers, `sha256` our own sums of them by both. `package` is what Go builds in `folder`, `linker`
    what the vendor's release sets while linking.
    """

    name: str
    version: str
    version_arguments: tuple[str, ...]
    archive: str
    sha256: Mapping[tuple[str, str], str]
    package: str
    folder: Path
    linker: str = ""

    def cached(self) -> Path:
        """Return where the pinned version is kept, whether it is there or not."""
        return cache.folder() / self.name / self.version / self.name

    def fits(self, version: tuple[int, int, int]) -> bool:
        """Another version checks or writes something else: what CI finds, everybody finds."""
        return version == versions.parse(self.version)

    def ensure(self, releases_url: str) -> Path:
        """Return the pinned version; fetch the release below *releases_url* or, without one, build it.

        Raises ToolError where neither works.
        """
        path, _ = executables.on_path(self.name, self.version_arguments, self.fits)
        if path is not None:
            return path
        title, target = f"{self.name} {self.version}", self.cached()
        with cache.locked(self.name):
            if target.exists():
                return target
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with progress.step(f"{title} from its vendor"):
                    self._fetch(releases_url, target)
            except ToolError as error:
                progress.say(f"  {error.message}; it is built from its Go module instead")
                go_build.build(
                    self.package, target, name=title, fitting=title, linker=self.linker, folder=self.folder
                )
        return target

    def _fetch(self, releases_url: str, target: Path) -> None:
        system, machine = platforms.current()
        name = self.archive.format(system=system, machine=machine)
        archive = target.with_name(name)
        download.fetch(f"{releases_url}/v{self.version}/{name}", archive, sha256=self.sha256[system, machine])
        temporary = target.with_suffix(".part")
        try:
            temporary.write_bytes(_member(archive, self.name))
        except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise ToolError(
                f"{name} can't be unpacked ({error})", remedy="check tools/versions.py"
            ) from error
        finally:
            archive.unlink()
        temporary.chmod(0o755)
        temporary.replace(target)


def _member(archive: Path, name: str) -> bytes:
    """Return the content of the file *name* at the top of *archive*; raises KeyError where there is none."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            return zipped.read(name)
    with tarfile.open(archive) as packed:
        member = packed.extractfile(name)
        if member is None:
            raise KeyError(f"{name} is no file")
        return member.read()
