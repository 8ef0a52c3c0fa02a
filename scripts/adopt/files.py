"""The files that adopt writes beside a configuration, and how what people changed in them is kept.

``config/<env>/adopted.hcl`` has settings and stays; ``config/<env>/<unit>/imports.tf``, which Terragrunt
copies beside the stack's own files, has import blocks and goes once they are applied.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts import paths
from scripts.adopt import hcl
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from scripts.adopt.things import Thing
    from scripts.environment import Environment

SETTINGS_NAME = "adopted.hcl"
IMPORTS_NAME = "imports.tf"
_SUM = re.compile(r"^# sha256 ([0-9a-f]{64})\n", re.MULTILINE)
_SETTINGS_HEAD = """\
# Written by `make adopt`: what AWS has otherwise than env.hcl says. It goes before env.hcl; move it there or
# change it here once it is applied.
"""
_IMPORTS_HEAD = """\
# Written by `make adopt`: what the next `make apply` takes over. Then remove this file, or adopt again.
"""


@dataclass(frozen=True)
class Draft:
    """What a file is to hold; None where it is to go."""

    path: Path
    text: str | None


def settings_path(environment: Environment) -> Path:
    """Return the place of the adopted settings."""
    return environment.folder / SETTINGS_NAME


def imports_path(environment: Environment, unit: str) -> Path:
    """Return the place of a unit's import blocks."""
    return environment.folder / unit / IMPORTS_NAME


def settings_text(values: Mapping[str, Any]) -> str:
    """Return adopted.hcl for *values*, by names of env.hcl."""
    return _headed(_SETTINGS_HEAD, f"locals {{\n{hcl.body(values)}\n}}\n")


def imports_text(things: Iterable[Thing]) -> str:
    """Return imports.tf for *things*."""
    blocks = (f"import {{\n  to = {one.address}\n  id = {hcl.quoted(one.import_id)}\n}}\n" for one in things)
    return _headed(_IMPORTS_HEAD, "\n".join(blocks))


def _headed(head: str, text: str) -> str:
    return f"{head}# sha256 {hashlib.sha256(text.encode()).hexdigest()}\n\n{text}"


def is_as_written(text: str) -> bool:
    """Tell whether *text* is a file of ours that nobody has changed since."""
    found = _SUM.search(text)
    return found is not None and found[1] == hashlib.sha256(text[found.end() + 1 :].encode()).hexdigest()


def is_written_by_adopt(path: Path) -> bool:
    """Tell whether there is a file of ours at *path* that nobody has changed."""
    return is_as_written(_read(path) or "")


def pending(drafts: Iterable[Draft]) -> list[Draft]:
    """Return those of *drafts* that change a file.

    Raises OperatorError where one would overwrite or remove what a person wrote or changed.
    """
    changing = []
    for draft in drafts:
        there = _read(draft.path)
        if there == draft.text:
            continue
        if there is not None and not is_as_written(there):
            place = paths.shown(draft.path)
            aside = "move its settings to env.hcl" if draft.path.name == SETTINGS_NAME else "rename it"
            raise OperatorError(
                f"{place} is not, or no longer, as adopt wrote it, and is not overwritten",
                remedy=f"{aside} or remove it, then run this again",
            )
        changing.append(draft)
    return changing


@contextmanager
def written(drafts: Iterable[Draft]) -> Iterator[None]:
    """Write *drafts*; where the block raises, each file is as it was before."""
    before: list[Draft] = []
    try:
        for draft in drafts:
            before.append(Draft(draft.path, _read(draft.path)))
            _put(draft)
        yield
    except BaseException:
        for draft in before:
            _put(draft)
        raise


def _put(draft: Draft) -> None:
    if draft.text is None:
        draft.path.unlink(missing_ok=True)
        return
    temporary = draft.path.with_name(f".{draft.path.name}.new")
    temporary.write_text(draft.text, encoding="utf-8")
    temporary.replace(draft.path)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        # not ours, whatever it is: it stays, since no sum fits
        return ""
