"""Downloads from a vendor: checked before use, and refused in one line otherwise."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest

from tools import (
    actionlint,
    download,
    platforms,
    provider,
    terraform,
    terraform_docs,
    terragrunt,
    tflint,
    versions,
)
from tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from tools.vendored import Vendored


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which a web server on loopback offers it."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *arguments: object) -> None:
            """Say nothing: pytest shows what matters."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing on PATH and nothing in the cache: the first run on a new machine."""
    monkeypatch.setenv("TRACED_BACKEND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return tmp_path / "cache"


def _zip(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, content)
    return buffer.getvalue()


def _publish_terraform(folder: Path, *, sum_of: bytes | None = None) -> None:
    system, machine = platforms.current()
    content = _zip("terraform", b"#!/bin/sh\necho Terraform v1.11.4\n")
    name = f"terraform_{versions.TERRAFORM}_{system}_{machine}.zip"
    release = folder / versions.TERRAFORM
    release.mkdir()
    (release / name).write_bytes(content)
    published = hashlib.sha256(content if sum_of is None else sum_of).hexdigest()
    (release / f"terraform_{versions.TERRAFORM}_SHA256SUMS").write_text(f"{published}  {name}\n")


def test_terraform_comes_from_its_vendor_and_is_kept(site: tuple[Path, str], empty_cache: Path) -> None:
    """The pinned release is fetched once, unpacked and executable; the second time nothing is asked."""
    folder, address = site
    _publish_terraform(folder)
    found = terraform.ensure(releases_url=address)
    assert found == empty_cache / "terraform" / versions.TERRAFORM / "terraform"
    assert found.stat().st_mode & 0o111
    assert terraform.ensure(releases_url="http://127.0.0.1:9/unreachable") == found


def test_terraform_with_another_sum_is_refused(site: tuple[Path, str], empty_cache: Path) -> None:
    """An archive that is not what the vendor published is never unpacked."""
    folder, address = site
    _publish_terraform(folder, sum_of=b"something else")
    with pytest.raises(ToolError, match="SHA-256"):
        terraform.ensure(releases_url=address)
    assert not list(empty_cache.rglob("terraform_*.zip"))
    assert not terraform.cached().exists()


def test_missing_terraform_is_one_line_with_the_remedy() -> None:
    """Terraform can't be built here: where it can't be fetched either, one line says what to install."""
    with pytest.raises(ToolError) as raised:
        terraform.ensure(releases_url="http://127.0.0.1:9")
    assert "install Terraform 1.11.4" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_terragrunt_comes_from_its_vendor(site: tuple[Path, str]) -> None:
    """The vendor's binary is taken where its sum is right."""
    folder, address = site
    system, machine = platforms.current()
    release = folder / f"v{versions.TERRAGRUNT}"
    release.mkdir()
    content = b"#!/bin/sh\necho terragrunt version v1.1.3\n"
    (release / f"terragrunt_{system}_{machine}").write_bytes(content)
    (release / "SHA256SUMS").write_text(
        f"{hashlib.sha256(content).hexdigest()}  terragrunt_{system}_{machine}\n"
    )
    assert terragrunt.ensure(releases_url=address).read_bytes() == content


def test_without_vendor_and_go_terragrunt_names_both() -> None:
    """Where neither download nor Go is there, the line names the two ways out."""
    with pytest.raises(ToolError, match=r"install Go 1\.26\.3 or later, or Terragrunt 1\.1\.x"):
        terragrunt.ensure(releases_url="http://127.0.0.1:9")


TOOLS = [actionlint, tflint, terraform_docs]


def _publish(tool: Vendored, folder: Path, member: str) -> str:
    """Publish an archive that holds *member*, with sums beside it that fit; return its SHA-256."""
    system, machine = platforms.current()
    release = folder / f"v{tool.version}"
    release.mkdir()
    name = tool.archive.format(system=system, machine=machine)
    program = b"#!/bin/sh\n"
    content = _zip(member, program) if name.endswith(".zip") else _tar(member, program)
    (release / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (release / "checksums.txt").write_text(f"{digest}  {name}\n")
    return digest


def _tar(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        information = tarfile.TarInfo(member)
        information.size = len(content)
        archive.addfile(information, io.BytesIO(content))
    return buffer.getvalue()


def _pinned(tool: Vendored, digest: str) -> Vendored:
    return dataclasses.replace(tool, sha256={platforms.current(): digest})


@pytest.mark.parametrize("linter", TOOLS)
def test_a_linter_comes_from_its_vendor(site: tuple[Path, str], linter: ModuleType) -> None:
    """The binary in the vendor's archive is taken, alone and executable; then it is there."""
    folder, address = site
    tool = _pinned(linter.TOOL, _publish(linter.TOOL, folder, linter.TOOL.name))
    path = tool.ensure(address)
    assert path == linter.cached()
    assert path.read_bytes() == b"#!/bin/sh\n"
    assert path.stat().st_mode & 0o777 == 0o755
    assert list(path.parent.iterdir()) == [path]
    assert linter.ensure(releases_url="http://127.0.0.1:9") == path


@pytest.mark.parametrize("linter", TOOLS)
def test_a_linter_other_than_the_pinned_one_is_refused(
    site: tuple[Path, str], capsys: pytest.CaptureFixture[str], linter: ModuleType
) -> None:
    """Whoever replaces the archive replaces the sums beside it too: ours are what counts."""
    folder, address = site
    _publish(linter.TOOL, folder, linter.TOOL.name)
    with pytest.raises(ToolError, match=rf"install Go 1\.26\.3 or later, or {linter.TOOL.name} \d"):
        linter.ensure(releases_url=address)
    assert "has SHA-256" in "".join(capsys.readouterr())
    assert list(linter.cached().parent.iterdir()) == []


@pytest.mark.parametrize("linter", TOOLS)
def test_every_platform_has_its_pinned_linter(linter: ModuleType) -> None:
    """Linux and macOS, on both processors, each its own archive."""
    sums = linter.TOOL.sha256
    assert set(sums) == {
        (system, machine) for system in ("linux", "darwin") for machine in ("amd64", "arm64")
    }
    assert len({value for value in sums.values() if len(bytes.fromhex(value)) == 32}) == 4


@pytest.mark.parametrize("linter", TOOLS)
def test_an_archive_without_the_linter_is_refused(
    site: tuple[Path, str], capsys: pytest.CaptureFixture[str], linter: ModuleType
) -> None:
    """Then, without Go, one line names the ways out; nothing half-made is left."""
    folder, address = site
    tool = _pinned(linter.TOOL, _publish(linter.TOOL, folder, "README.md"))
    with pytest.raises(ToolError) as raised:
        tool.ensure(address)
    assert "\n" not in str(raised.value)
    assert f"{tool.name} {tool.version} can't be built without Go: install" in str(raised.value)
    assert "can't be unpacked" in "".join(capsys.readouterr())
    assert list(linter.cached().parent.iterdir()) == []


def test_a_sum_that_is_not_listed_is_refused() -> None:
    """A vendor's list without the file is an error, not a reason to skip the check."""
    with pytest.raises(ToolError, match="don't list"):
        download.published_sum("00  another-file\n", "terraform.zip")


def test_provider_from_the_registry_must_be_in_the_lock_files(
    site: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package whose checksum no committed lock file carries is not used."""
    folder, address = site
    system, machine = platforms.current()
    package = folder / versions.AWS_PROVIDER / "download" / system
    package.mkdir(parents=True)
    content = _zip(f"terraform-provider-aws_v{versions.AWS_PROVIDER}_x5", b"provider")
    (folder / "aws.zip").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (package / machine).write_text(
        f'{{"download_url": "{address}/aws.zip", "shasum": "{digest}", "filename": "aws.zip"}}'
    )
    monkeypatch.setattr(provider, "find_mirror", lambda: None)
    with pytest.raises(ToolError, match="not in the lock files"):
        provider.ensure(registry_url=address)
    monkeypatch.setattr(provider, "locked_archive_sums", lambda: {digest})
    mirror = provider.ensure(registry_url=address)
    binary = provider.binary_in(mirror)
    assert binary is not None
    assert binary.read_bytes() == b"provider"
    assert binary.stat().st_mode & 0o111
