"""The AWS provider: from a mirror on disk where there is one, else unpacked once into a mirror of our own.

A unit links to an unpacked mirror; from a packed one, or from the registry, Terraform would write
700 MB into every unit.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from tools import cache, download, platforms, progress, versions
from tools.errors import ToolError
from tools.terraform import extract_member

SOURCE = "registry.terraform.io/hashicorp/aws"
REGISTRY_URL = "https://registry.terraform.io/v1/providers/hashicorp/aws"
MIRROR_VARIABLE = "TRACED_BACKEND_PROVIDER_MIRROR"
SEARCH_DEPTH = 4
SEARCH_ROOTS = (
    "/opt",
    "/usr/local",
    "/usr/share",
    "/usr/lib",
    "/srv",
    "/var/lib",
    "/var/cache",
    "/mnt",
    "/data",
)
_USUAL = ("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
_USUAL_IN_HOME = (".terraform.d/plugins", ".local/share/terraform/plugins")
_SKIPPED = {
    "proc",
    "sys",
    "dev",
    "node_modules",
    "site-packages",
    "dist-packages",
    ".git",
    "doc",
    "man",
    "locale",
}
_LOCK_FILES = Path(__file__).resolve().parent.parent / "terraform" / "backend-app"


def binary_in(mirror: Path) -> Path | None:
    """Return the pinned provider's unpacked executable in *mirror*, or None where it holds none."""
    system, machine = platforms.current()
    folder = mirror / SOURCE / versions.AWS_PROVIDER / f"{system}_{machine}"
    found = sorted(folder.glob(f"terraform-provider-aws_v{versions.AWS_PROVIDER}*"))
    return found[0] if found else None


def own_mirror() -> Path:
    """Return the folder of the mirror that `make tools` fills where no other is found."""
    return cache.folder() / "providers"


def find_mirror() -> Path | None:
    """Return a mirror on disk that holds the pinned provider unpacked for this platform, or None.

    Looks at ``TRACED_BACKEND_PROVIDER_MIRROR``, Terraform's usual places, the cache, and then for a
    folder ``registry.terraform.io/hashicorp/aws`` a few levels below the places where software is kept.
    """
    named = os.environ.get(MIRROR_VARIABLE)
    if named:
        if binary_in(Path(named)) is None:
            raise ToolError(
                f"{MIRROR_VARIABLE}={named} does not hold the AWS provider {versions.AWS_PROVIDER}, unpacked",
                remedy="correct it or unset it",
            )
        return Path(named)
    remembered = cache.read_memo("provider mirror")
    usual = [*(cache.home() / place for place in _USUAL_IN_HOME), *map(Path, _USUAL)]
    candidates = [*([Path(remembered)] if isinstance(remembered, str) else []), *usual, own_mirror()]
    for candidate in candidates:
        if binary_in(candidate) is not None:
            return candidate
    for root in [*map(Path, SEARCH_ROOTS), cache.home()]:
        found = _search(root, SEARCH_DEPTH)
        if found is not None:
            cache.write_memo("provider mirror", str(found))
            return found
    return None


def _search(folder: Path, depth: int) -> Path | None:
    if binary_in(folder) is not None:
        return folder
    if depth == 0:
        return None
    try:
        with os.scandir(folder) as entries:
            below = sorted(
                entry.path
                for entry in entries
                if entry.name not in _SKIPPED and entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return None
    for path in below:
        found = _search(Path(path), depth - 1)
        if found is not None:
            return found
    return None


def ensure(*, registry_url: str = REGISTRY_URL) -> Path:
    """Return a mirror that holds the pinned provider; fill our own from the registry where there is none.

    The archive must have one of the checksums that the committed lock files carry.
    Raises ToolError where it can't be had.
    """
    mirror = find_mirror()
    if mirror is not None:
        return mirror
    with cache.locked("provider"):
        if binary_in(own_mirror()) is not None:
            return own_mirror()
        try:
            with progress.step(
                f"AWS provider {versions.AWS_PROVIDER} from the registry (700 MB unpacked, once)"
            ):
                _fetch(registry_url)
        except ToolError as error:
            raise ToolError(
                f"the AWS provider {versions.AWS_PROVIDER} can't be had ({error.message})",
                remedy=f"check the network, or name a mirror on disk in {MIRROR_VARIABLE}",
            ) from error
    return own_mirror()


def locked_archive_sums() -> set[str]:
    """Return the archive checksums (``zh:``) of the committed lock files."""
    sums: set[str] = set()
    for lock_file in _LOCK_FILES.rglob(".terraform.lock.hcl"):
        if ".terragrunt-cache" not in lock_file.parts:
            sums.update(re.findall(r'"zh:([0-9a-f]{64})"', lock_file.read_text()))
    return sums


def _fetch(registry_url: str) -> None:
    system, machine = platforms.current()
    answer = download.read_text(f"{registry_url}/{versions.AWS_PROVIDER}/download/{system}/{machine}")
    try:
        package = json.loads(answer)
        url, published, name = package["download_url"], package["shasum"], package["filename"]
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError("the registry's answer is not a package", remedy="check the network") from error
    if published not in locked_archive_sums():
        raise ToolError(
            f"the registry's checksum {published} is not in the lock files", remedy="don't use it"
        )
    target = own_mirror() / SOURCE / versions.AWS_PROVIDER / f"{system}_{machine}"
    target.mkdir(parents=True, exist_ok=True)
    archive = target / Path(name).name
    download.fetch(url, archive, sha256=published)
    member = f"terraform-provider-aws_v{versions.AWS_PROVIDER}_x5"
    extract_member(archive, member, target / member)
