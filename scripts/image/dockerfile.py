"""The Dockerfile, read as far as this project writes one: stages, copies, what is started and how.

Source of the language: docs.docker.com/reference/dockerfile. What isn't understood is an error, never
passed over: here documents, other escapes, ONBUILD, ADD, shell forms, wildcards, build arguments.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

_KNOWN = {
    "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL", "USER", "WORKDIR",
}  # fmt: skip
_DIRECTIVE = re.compile(r"#\s*(?:syntax|escape|check)\s*=")
_FROM = re.compile(r"(?P<image>[^\s$]+)(?:\s+[Aa][Ss]\s+(?P<stage>[a-z][a-z0-9_.-]*))?")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word in capitals, what follows it on one line, where it stands, in which stage."""

    word: str
    arguments: str
    line: int
    stage: int


@dataclass(frozen=True)
class Copy:
    """`source`, a file of the checkout or (with a last slash in the file) a folder, to an absolute path."""

    source: PurePosixPath
    destination: PurePosixPath
    stage: int
    from_stage: int | None


def _wrong(line: int, what: str, remedy: str) -> OperatorError:
    return OperatorError(f"Dockerfile:{line}: {what}", remedy=remedy)


def _split(found: Instruction) -> list[str]:
    try:
        return shlex.split(found.arguments)
    except ValueError as error:
        raise _wrong(found.line, f"{found.word} is not read here ({error})", "close its quotes") from error


def _instructions(text: str) -> Iterator[Instruction]:
    stage, begun, parts = -1, 0, list[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if _DIRECTIVE.match(line):
            raise _wrong(number, f"the directive {line} is not read here", "leave it out")
        if not line or line.startswith("#"):
            continue
        begun = begun if parts else number
        parts.append(line.removesuffix("\\").strip())
        if line.endswith("\\"):
            continue
        word, _, arguments = " ".join(parts).partition(" ")
        parts = []
        word = word.upper()
        if word not in _KNOWN:
            raise _wrong(begun, f"{word} is not read here", f"write it with {', '.join(sorted(_KNOWN))}")
        if "<<" in arguments:
            raise _wrong(begun, "here documents are not read here", "write the command as one line")
        stage += word == "FROM"
        if stage < 0:
            raise _wrong(begun, f"{word} stands before FROM", "begin with FROM")
        yield Instruction(word, arguments.strip(), begun, stage)
    if parts:
        raise _wrong(begun, "the last instruction goes on", "take the last backslash away")


class Dockerfile:
    """What a Dockerfile says of its last stage, which is the image, and of what is copied on the way."""

    def __init__(self, text: str) -> None:
        """Read `text`. Raises OperatorError, with the line, where it isn't understood."""
        self.instructions = tuple(_instructions(text))
        if not self.instructions:
            raise OperatorError("the Dockerfile is empty", remedy="begin with FROM")
        self._names: dict[str, int] = {}
        self._bases: list[str] = []
        self._parents: list[int | None] = []
        for found in self._all("FROM"):
            matched = _FROM.fullmatch(found.arguments)
            if matched is None:
                raise _wrong(found.line, f"FROM {found.arguments} is not read here", "FROM image [AS stage]")
            self._bases.append(matched["image"])
            # before its own name is known: `FROM python AS python` stands on the image
            self._parents.append(self._names.get(matched["image"]))
            if matched["stage"]:
                self._names[matched["stage"]] = found.stage
        self.last = len(self._bases) - 1

    def base(self) -> str:
        """Return the image that the last stage stands on, as it is written."""
        return self._bases[self._lineage()[0]]

    def copies(self) -> tuple[Copy, ...]:
        """Return every COPY, in the file's order."""
        return tuple(self._copy(found) for found in self._all("COPY"))

    def places(self, copied: Copy) -> tuple[PurePosixPath, ...]:
        """Return where what `copied` takes from the checkout is in the image; nowhere is ()."""
        if copied.stage in self._lineage():
            return (copied.destination,)
        return tuple(
            carried.destination / copied.destination.relative_to(carried.source)
            for carried in self.copies()
            if carried.from_stage == copied.stage
            and carried.stage in self._lineage()
            and copied.destination.is_relative_to(carried.source)
        )

    def command(self) -> tuple[str, ...]:
        """Return CMD's words."""
        return self._words(self._one("CMD"), "CMD")

    def health_command(self) -> tuple[str, ...]:
        """Return the words of HEALTHCHECK's CMD."""
        found = self._one("HEALTHCHECK")
        options, _, words = found.arguments.partition("CMD ")
        if not all(word.startswith("--") for word in options.split()):
            raise _wrong(found.line, "HEALTHCHECK has no CMD", 'write HEALTHCHECK CMD ["program", "..."]')
        return self._words(Instruction("CMD", words, found.line, found.stage), "HEALTHCHECK's CMD")

    def environment(self) -> dict[str, str]:
        """Return ENV's variables as they are written: `$PATH` stays."""
        return {
            name: value
            for found in self._all("ENV")
            if found.stage in self._lineage()
            for name, value in (self._assignment(word, found) for word in _split(found))
        }

    def value(self, word: str) -> str:
        """Return what the image's last `word` says, such as USER or WORKDIR."""
        return self._one(word).arguments

    def runs(self, stage: str) -> tuple[str, ...]:
        """Return the commands of a named stage's RUN instructions. Raises OperatorError where none is so."""
        if stage not in self._names:
            raise OperatorError(
                f"the Dockerfile has no stage {stage}", remedy=f"one of {', '.join(self._names)}"
            )
        return tuple(found.arguments for found in self._all("RUN") if found.stage == self._names[stage])

    def _all(self, word: str) -> Iterator[Instruction]:
        return (found for found in self.instructions if found.word == word)

    def _one(self, word: str) -> Instruction:
        found = [one for one in self._all(word) if one.stage in self._lineage()]
        if not found:
            raise OperatorError(f"the Dockerfile's last stage has no {word}", remedy=f"add {word}")
        return found[-1]

    def _lineage(self) -> list[int]:
        """Return the stages that the last one stands on, from the first, and itself."""
        stages = [self.last]
        while (parent := self._parents[stages[0]]) is not None:
            stages.insert(0, parent)
        return stages

    def _copy(self, found: Instruction) -> Copy:
        words = _split(found)
        options = [word for word in words if word.startswith("--")]
        if len(words) - len(options) != 2 or any(not word.startswith("--from=") for word in options):
            raise _wrong(found.line, f"COPY {found.arguments} is not read here", "COPY [--from=stage] a b")
        source, destination = words[len(options) :]
        if not destination.startswith("/") or re.search(r"[*?\[$]", found.arguments) or ".." in source:
            raise _wrong(found.line, f"COPY {found.arguments} is not read here", "name both places in full")
        stage = None
        if options:
            name = options[-1].removeprefix("--from=")
            if name not in self._names:
                raise _wrong(found.line, f"COPY is from {name}, which is no stage", "name a stage above")
            stage = self._names[name]
        to = PurePosixPath(destination)
        if stage is None and destination.endswith("/") and not source.endswith("/"):
            to /= PurePosixPath(source).name
        return Copy(PurePosixPath(source), to, found.stage, stage)

    @staticmethod
    def _words(found: Instruction, what: str) -> tuple[str, ...]:
        try:
            words = json.loads(found.arguments)
        except ValueError:
            words = None
        if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
            raise _wrong(found.line, f"{what} is in shell form", f'write it as {what} ["program", "..."]')
        return tuple(words)

    @staticmethod
    def _assignment(word: str, found: Instruction) -> tuple[str, str]:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise _wrong(found.line, f"ENV {word} is not read here", "write ENV name=value")
        return name, value
