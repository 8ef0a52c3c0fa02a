"""Recordings of real accounts in `docs/conformance/`: what they confirm, and what none has yet."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from scripts import paths
from scripts.conform import leaks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scripts.conform.case import Case
    from scripts.conform.runner import Result

FOLDER = paths.ROOT / "docs" / "conformance"
LINE_CHARACTERS = 110


def file_of(case_id: str, folder: Path = FOLDER) -> Path:
    """Return where the case's recording is, or would be."""
    return folder / f"{case_id}.json"


class UnsafeError(Exception):
    """A recording holds what tells whose account it is; its text says of what kind, never what."""


def keep(result: Result, known: Iterable[str] = (), folder: Path = FOLDER) -> bool:
    """Write the recording of a case that holds; tell whether it was written.

    A case that the service refuted loses its recording; any other outcome leaves it as it was. Raises
    UnsafeError, and writes nothing, where the recording still holds what it should not.
    """
    file = file_of(result.case.id, folder)
    if result.refuted:
        file.unlink(missing_ok=True)
    if result.status != "holds":
        return False
    text = result.recording.to_json()
    kinds = leaks.found(text, known)
    if kinds:
        raise UnsafeError(f"the recording of {result.case.id} is not kept: it holds {', '.join(kinds)}")
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)
    return True


def unconfirmed(cases: Iterable[Case], folder: Path = FOLDER) -> list[Case]:
    """Return the cases that no real account has confirmed."""
    return [case for case in cases if not file_of(case.id, folder).exists()]


def listing(cases: Iterable[Case], folder: Path = FOLDER) -> str:
    """Return the unconfirmed cases as docs/local-cloud.md has them: a line for each part of a service."""
    parts: dict[str, list[str]] = {}
    for case in unconfirmed(cases, folder):
        service, part, *rest = case.id.split(".")
        parts.setdefault(f"{service}.{part}", []).append(".".join(rest))
    lines = []
    for part, names in parts.items():
        found = f"- `{part}`: " + ", ".join(f"`{name}`" if name else "itself" for name in names)
        lines += textwrap.wrap(found, LINE_CHARACTERS, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def listed(section: str) -> set[str]:
    """Return the ids that a section made by `listing` has."""
    found = set()
    for line in re.sub(r"\n +", " ", section).splitlines():
        if line.startswith("- `"):
            part, names = line.removeprefix("- ").split(": ", 1)
            for name in names.split(", "):
                found.add(part.strip("`") if name == "itself" else f"{part.strip('`')}.{name.strip('`')}")
    return found
