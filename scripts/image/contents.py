"""What goes into the image: the checkout's files that the Dockerfile copies, their tag, and where they are.

Only what git tracks or would take on counts, the same files that the secret scan of `make lint` looks at:
neither caches nor what .gitignore names gets into an image or changes its tag.
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from scripts import paths
from scripts.errors import OperatorError
from scripts.image.dockerfile import Dockerfile
from tools import tracked

if TYPE_CHECKING:
    from collections.abc import Iterable

DOCKERFILE = "Dockerfile"
TAG_HEX_DIGITS = 16
_MODES = {False: 0o644, True: 0o755}


@dataclass(frozen=True)
class File:
    """A file of the checkout: its path there, whether it may be executed, what is in it."""

    path: PurePosixPath
    executable: bool
    content: bytes


@dataclass(frozen=True)
class LaidOut:
    """The image's files in a folder that stands for its root, and how the image starts the backend there.

    `environment` has the image's ENV but PATH, as what installs the packages isn't here; its paths, and
    `working_folder`, are those below `root`. `command` is CMD, whose program is looked for on PATH.
    """

    root: Path
    command: tuple[str, ...]
    health_command: tuple[str, ...]
    working_folder: Path
    environment: dict[str, str]


def dockerfile() -> Dockerfile:
    """Return the checkout's Dockerfile. Raises OperatorError where it isn't there or isn't understood."""
    return Dockerfile(_read(paths.ROOT / DOCKERFILE).decode(errors="replace"))


def files() -> tuple[File, ...]:
    """Return the Dockerfile and every file that it copies, sorted by path.

    Raises OperatorError where a COPY finds nothing, or a link, which means another file on another machine.
    """
    sources = {copied.source for copied in dockerfile().copies() if copied.from_stage is None}
    known = {
        PurePosixPath(path.relative_to(paths.ROOT).as_posix()): path
        for path in tracked.files()
        if "__pycache__" not in path.parts
    }
    chosen = {PurePosixPath(DOCKERFILE): paths.ROOT / DOCKERFILE}
    for source in sorted(sources):
        found = {path: place for path, place in known.items() if path.is_relative_to(source)}
        if not found:
            raise OperatorError(
                f"the Dockerfile copies {source}, and git knows no such file", remedy="correct the COPY line"
            )
        chosen |= found
    for path, place in chosen.items():
        if place.is_symlink():
            raise OperatorError(f"{path} is a link, and would be in the image", remedy="put a file there")
    return tuple(File(path, _is_executable(place), _read(place)) for path, place in sorted(chosen.items()))


def tag_of(contents: Iterable[File]) -> str:
    """Return 16 hex digits of SHA-256 over the names, modes and contents, in whatever order they come."""
    digest = hashlib.sha256()
    for file in sorted(contents, key=lambda file: file.path.as_posix()):
        name = file.path.as_posix().encode()
        # lengths go before, or two contents could be written alike
        digest.update(b"%d %d %d\n" % (len(name), file.executable, len(file.content)))
        digest.update(name + file.content)
    return digest.hexdigest()[:TAG_HEX_DIGITS]


def content_tag() -> str:
    """Return the image's tag: the same for the same files on every machine, another for any other.

    The base image is in it by its digest, the packages by their hashes. Raises OperatorError as `files`.
    """
    return tag_of(files())


def write_context(folder: Path) -> None:
    """Write what `docker build` needs into an empty folder: nothing else can get into the image.

    Raises OperatorError where the folder isn't empty, or as `files`.
    """
    _empty(folder)
    for file in files():
        _write(folder / file.path, file)


def lay_out(folder: Path) -> LaidOut:
    """Put the files into an empty folder where the image has them, so that the backend can be started there.

    Raises OperatorError where the folder isn't empty, or as `files`.
    """
    _empty(folder)
    read, contents = dockerfile(), files()
    for copied in read.copies():
        if copied.from_stage is not None:
            continue
        for place in read.places(copied):
            for file in contents:
                if file.path.is_relative_to(copied.source):
                    _write(_below(folder, place / file.path.relative_to(copied.source)), file)
    return LaidOut(
        folder,
        read.command(),
        tuple(_moved(folder, word) for word in read.health_command()),
        _below(folder, PurePosixPath(read.value("WORKDIR"))),
        {name: _moved(folder, value) for name, value in read.environment().items() if name != "PATH"},
    )


def _below(folder: Path, place: PurePosixPath) -> Path:
    return folder / place.relative_to("/")


def _moved(folder: Path, value: str) -> str:
    """Return a path of the image as it is below `folder`; what is no path of its own stays."""
    place = PurePosixPath(value)
    return str(_below(folder, place)) if place.is_absolute() and _below(folder, place).exists() else value


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise OperatorError(f"{paths.shown(folder)} is not empty", remedy="name an empty folder")


def _write(place: Path, file: File) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(file.content)
    place.chmod(_MODES[file.executable])


def _is_executable(place: Path) -> bool:
    """Tell it as git does, by the owner's bit: who asks, and how the disk is mounted, doesn't count."""
    try:
        return bool(place.stat().st_mode & stat.S_IXUSR)
    except OSError as error:
        raise _unreadable(place, error) from error


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: Path, error: OSError) -> OperatorError:
    return OperatorError(
        f"{paths.shown(place)} can't be read ({error.strerror})", remedy="restore it from git"
    )
