"""Terraform: from PATH where its version fits, else the vendor's pinned release."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from tools import cache, download, executables, platforms, progress, versions
from tools.errors import ToolError

RELEASES_URL = "https://releases.hashicorp.com/terraform"


def cached() -> Path:
    """Return where the pinned release is kept, whether it is there or not."""
    return cache.folder() / "terraform" / versions.TERRAFORM / "terraform"


def find() -> Path:
    """Return a Terraform that fits, without fetching one.

    Raises ToolError where PATH and cache hold none.
    """
    path, found = executables.on_path("terraform", ["version"], versions.terraform_fits)
    if path is not None:
        return path
    if cached().exists():
        return cached()
    raise ToolError(f"Terraform 1.11 or later is needed ({found})", remedy="run `make tools`")


def ensure(*, releases_url: str = RELEASES_URL) -> Path:
    """Return a Terraform that fits; fetch the pinned release and check it against the vendor's sums.

    Raises ToolError where it can't be had: Terraform replaces modules of its own by folders, so
    it can't be built as a Go module either.
    """
    path, found = executables.on_path("terraform", ["version"], versions.terraform_fits)
    if path is not None:
        return path
    with cache.locked("terraform"):
        if cached().exists():
            return cached()
        try:
            with progress.step(f"Terraform {versions.TERRAFORM} from its vendor"):
                _fetch(releases_url, cached())
        except ToolError as error:
            raise ToolError(
                f"Terraform 1.11 or later is needed ({found}; {error.message})",
                remedy=f"install Terraform {versions.TERRAFORM} so that `terraform` is on PATH",
            ) from error
    return cached()


def _fetch(releases_url: str, target: Path) -> None:
    system, machine = platforms.current()
    base = f"{releases_url}/{versions.TERRAFORM}"
    archive_name = f"terraform_{versions.TERRAFORM}_{system}_{machine}.zip"
    sums = download.read_text(f"{base}/terraform_{versions.TERRAFORM}_SHA256SUMS")
    archive = target.parent / archive_name
    download.fetch(f"{base}/{archive_name}", archive, sha256=download.published_sum(sums, archive_name))
    extract_member(archive, "terraform", target)


def extract_member(archive: Path, member: str, target: Path) -> None:
    """Unpack *member* of the zip *archive* to *target*, executable, and remove the archive."""
    temporary = target.with_suffix(".part")
    with zipfile.ZipFile(archive) as content:
        temporary.write_bytes(content.read(member))
    temporary.chmod(temporary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    temporary.replace(target)
    archive.unlink()
