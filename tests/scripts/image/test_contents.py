"""What goes into the image, its tag, and where it is laid out."""

from __future__ import annotations

import os
import subprocess
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import paths
from scripts.errors import OperatorError
from scripts.image import contents
from scripts.image.contents import File
from tools import python_environment

DOCKERFILE = """FROM base AS build
COPY code/ /app/code/
FROM base
COPY --from=build /app /app
ENV PYTHONPATH=/app WHERE=/elsewhere PATH=/opt:$PATH
WORKDIR /app/code
HEALTHCHECK CMD ["python", "/app/code/check.py"]
CMD ["serve"]
"""
FILES = {
    "Dockerfile": DOCKERFILE,
    "code/check.py": "print()",
    "code/deep/er.py": "",
    "other/file.py": "",
    "code/__pycache__/check.pyc": "cache",
    "code/ignored.txt": "",
    ".gitignore": "ignored.txt\n",
}

file_lists = st.dictionaries(
    st.text(alphabet="ab/", min_size=1, max_size=4).map(PurePosixPath),
    st.tuples(st.booleans(), st.binary(max_size=6)),
    max_size=4,
).map(lambda found: [File(path, *rest) for path, rest in found.items()])


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout that git knows."""
    root = tmp_path / "checkout"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr("tools.tracked.ROOT", root)
    return root


@given(file_lists, st.randoms())
def test_the_order_of_files_does_not_count(files: list[File], random: object) -> None:
    """The same files have the same tag: 16 hex digits."""
    other = list(files)
    random.shuffle(other)  # type: ignore[attr-defined]
    tag = contents.tag_of(files)
    assert tag == contents.tag_of(other)
    assert len(tag) == contents.TAG_HEX_DIGITS
    assert set(tag) <= set("0123456789abcdef")


@given(file_lists, file_lists)
def test_other_files_have_another_tag(one: list[File], other: list[File]) -> None:
    """Other names, other contents, another mode, and what merely reads alike when it is strung together."""
    same = set(one) == set(other)
    assert (contents.tag_of(one) == contents.tag_of(other)) == same


def test_only_what_is_copied_counts(checkout: Path) -> None:
    """Neither caches nor what git ignores nor other folders are in the tag; the Dockerfile is."""
    names = [str(file.path) for file in contents.files()]
    assert names == ["Dockerfile", "code/check.py", "code/deep/er.py"]
    tag = contents.content_tag()
    (checkout / "other/file.py").write_text("other")
    (checkout / "code/__pycache__/more.pyc").write_text("other")
    (checkout / "code/check.py").touch()
    assert contents.content_tag() == tag
    (checkout / "code/check.py").chmod(0o700)
    assert contents.content_tag() != tag
    (checkout / "code/check.py").chmod(0o600)
    assert contents.content_tag() == tag
    # as git has it: the owner's bit alone
    (checkout / "code/check.py").chmod(0o655)
    assert contents.content_tag() == tag
    (checkout / "Dockerfile").write_text(DOCKERFILE + "LABEL a=b\n")
    assert contents.content_tag() != tag


def test_laid_out_as_in_the_image(checkout: Path, tmp_path: Path) -> None:
    """Each file is where the image has it, readable by all; the image's paths are those of the folder."""
    (checkout / "code/deep/er.py").chmod(0o700)
    (checkout / "code/check.py").chmod(0o600)
    root = tmp_path / "image"
    laid = contents.lay_out(root)
    found = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    assert sorted(found) == ["app/code/check.py", "app/code/deep/er.py"]
    assert {name: path.stat().st_mode & 0o777 for name, path in found.items()} == {
        "app/code/check.py": 0o644,
        "app/code/deep/er.py": 0o755,
    }
    assert found["app/code/check.py"].read_text() == "print()"
    assert laid.command == ("serve",)
    assert laid.health_command == ("python", str(root / "app/code/check.py"))
    assert laid.working_folder == root / "app/code"
    assert laid.environment == {"PYTHONPATH": str(root / "app"), "WHERE": "/elsewhere"}


def test_the_build_gets_these_files_alone(checkout: Path, tmp_path: Path) -> None:
    """What docker is given has the checkout's paths, and the same tag once more."""
    context = tmp_path / "context"
    contents.write_context(context)
    found = sorted(str(path.relative_to(context)) for path in context.rglob("*") if path.is_file())
    assert found == [str(file.path) for file in contents.files()]
    assert (context / "Dockerfile").read_text() == (checkout / "Dockerfile").read_text()


@pytest.mark.parametrize("do", [contents.lay_out, contents.write_context])
def test_nothing_is_laid_over_other_files(checkout: Path, do: object) -> None:
    """A folder that holds something is left as it is."""
    with pytest.raises(OperatorError, match="code is not empty: name an empty folder"):
        do(checkout / "code")  # type: ignore[operator]


def test_what_cannot_be_copied_is_told(checkout: Path) -> None:
    """A COPY of nothing, a link, and a Dockerfile that isn't there: one line each."""
    (checkout / "code/link.py").symlink_to("check.py")
    with pytest.raises(OperatorError, match=r"code/link\.py is a link"):
        contents.files()
    (checkout / "code/link.py").unlink()
    (checkout / "Dockerfile").write_text("FROM a\nCOPY nowhere/ /x/\n")
    with pytest.raises(OperatorError, match="copies nowhere, and git knows no such file"):
        contents.files()
    (checkout / "Dockerfile").unlink()
    with pytest.raises(OperatorError, match=r"^Dockerfile can't be read \(No such file"):
        contents.content_tag()


def test_the_backends_own_image() -> None:
    """Pinned by digest, started as nobody's root, with nothing but the backend and xray in it."""
    read = contents.dockerfile()
    assert {file.path.parts[0] for file in contents.files()} == {"Dockerfile", "backend-flask", "xray"}
    name, _, digest = read.base().partition("@sha256:")
    assert name.startswith("python:3.11."), "the version that CI tests with"
    assert len(digest) == 64
    assert read.value("USER") == "10001:10001"
    assert read.value("STOPSIGNAL") == "SIGTERM"
    assert read.value("EXPOSE") == read.environment()["PORT"] == "4567"
    # pip of the very stage that is thrown away
    assert [run for run in read.runs("build") if "--require-hashes" in run]
    assert python_environment.LOCKS[0] in [paths.ROOT / file.path for file in contents.files()]


def test_what_docker_is_not_sent() -> None:
    """.dockerignore lets in what is copied, whole, and nothing else: a list of what may come."""
    lines = (paths.ROOT / ".dockerignore").read_text().splitlines()
    first, *rest = [line for line in lines if not line.startswith("#")]
    let_in = [line.removeprefix("!") for line in rest if line.startswith("!")]
    kept_out = [line for line in rest if not line.startswith("!")]
    sources = [copied.source for copied in contents.dockerfile().copies() if copied.from_stage is None]
    assert first == "*"
    assert rest == [f"!{name}" for name in let_in] + kept_out
    assert {source.parts[0] for source in sources} == set(let_in)
    for file in contents.files():
        names = [file.path.name, *(parent.name for parent in file.path.parents)]
        for pattern in kept_out:
            assert not any(fnmatch(name, pattern.removeprefix("**/")) for name in names), file.path
    assert all(pattern.startswith("**/") and os.sep not in pattern[3:] for pattern in kept_out)
