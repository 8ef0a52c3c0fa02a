"""Which files are the project's: links are among them, wherever they lead."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import paths
from scripts.errors import OperatorError
from scripts.image import contents
from tools import tracked

ROOT = Path(__file__).resolve().parents[2]
LINKS = {"to-file": "code/a.py", "to-folder": "code", "to-nothing": "gone", "out-of-here": "/etc"}


@pytest.fixture(params=["a checkout", "an archive"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, links of every kind, and a file that git ignores."""
    here = tmp_path / "here"
    (here / "code").mkdir(parents=True)
    (here / "code" / "a.py").touch()
    for name, target in LINKS.items():
        (here / name).symlink_to(target)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    if request.param == "a checkout":
        subprocess.run(["git", "init", "--quiet", here], check=True)
        (here / ".git" / "info" / "exclude").write_text("*.log\n")
        (here / "ignored.log").touch()
    monkeypatch.setattr(tracked, "ROOT", here)
    return here


def test_links_are_files_of_the_project(root: Path) -> None:
    """Whether they lead to a file, a folder, nothing, or out of the checkout; what is behind them isn't."""
    assert sorted(path.relative_to(root).as_posix() for path in tracked.files()) == [
        "code/a.py",
        *sorted(LINKS),
    ]


def test_a_deleted_file_is_none(root: Path) -> None:
    """Git has it until the deletion is committed."""
    if (root / ".git").exists():
        subprocess.run(["git", "add", "."], cwd=root, check=True)
    (root / "code" / "a.py").unlink()
    assert root / "code" / "a.py" not in tracked.files()


@pytest.mark.parametrize("target", LINKS.values())
def test_no_link_gets_into_the_image(root: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is refused by its name, a link to a folder and a dangling one too."""
    monkeypatch.setattr(paths, "ROOT", root)
    (root / "Dockerfile").write_text("FROM a\nCOPY code/ /app/code/\n")
    (root / "code" / "link").symlink_to(target)
    with pytest.raises(OperatorError, match="code/link is a link"):
        contents.files()


def test_the_secret_scan_follows_no_link(tmp_path: Path) -> None:
    """What a link leads to is scanned where it is the project's; a dangling link is nothing to read."""
    copy = tmp_path / "unpacked"
    shutil.copytree(ROOT / "tools", copy / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "elsewhere.txt").write_text("hcaik_" + "a1" * 29 + "\n")
    for name, target in {
        "file": tmp_path / "elsewhere.txt",
        "folder": tmp_path,
        "nothing": Path("gone"),
    }.items():
        (copy / name).symlink_to(target)
    finished = subprocess.run(
        [sys.executable, "-m", "tools.secret_scan"],
        cwd=copy,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stdout.strip(), finished.stderr) == (0, "", "")
