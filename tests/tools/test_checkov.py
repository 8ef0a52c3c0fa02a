"""The linters that are packages: when their environment is made, and what is said where it can't be."""

from __future__ import annotations

import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from tools import checkov
from tools.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and a package index that is one folder with one small wheel in it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.data/scripts/checkov", "#!python\nprint('checked')\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("TRACED_BACKEND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digest: str) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    monkeypatch.setattr(checkov, "LOCK", lock)


def test_the_environment_is_made_once_for_each_lock(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds what the lock says, is used as it is afterwards, and one that was cut short is made anew."""
    _lock(tmp_path, monkeypatch, sha256((wheels / "tiny-1.0-py3-none-any.whl").read_bytes()).hexdigest())
    programs = checkov.ensure()
    first = programs["checkov"]
    assert first.read_text().startswith(f"#!{checkov.folder()}/bin/python")
    assert programs == {name: first.with_name(name) for name in ("check-jsonschema", "checkov", "hadolint")}
    assert "environment of their own: done" in capsys.readouterr().err
    assert checkov.ensure() == programs
    assert capsys.readouterr().err == ""
    (checkov.folder() / "complete").unlink()
    first.unlink()
    assert checkov.ensure() == programs
    assert first.exists()
    before = checkov.folder()
    checkov.LOCK.write_text("# another\n")
    assert checkov.folder() != before


def test_a_package_that_is_not_the_locked_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what and what to do; the next try begins anew."""
    _lock(tmp_path, monkeypatch, "0" * 64)
    with pytest.raises(ToolError) as raised:
        checkov.ensure()
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("check-jsonschema, checkov and hadolint: ")
    assert "DO NOT MATCH THE HASHES" in str(raised.value)
    assert "check the network and the package index" in str(raised.value)
    assert not (checkov.folder() / "complete").exists()


def test_without_room_the_line_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cache can't be written: what, why, and the setting for another."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "checkov").write_text("a file in the way")
    with pytest.raises(ToolError) as raised:
        checkov.ensure()
    assert "\n" not in str(raised.value)
    assert str(raised.value) == (
        f"{tmp_path / 'cache' / 'checkov'} can't be written (File exists): "
        "make room there, or set TRACED_BACKEND_CACHE"
    )
