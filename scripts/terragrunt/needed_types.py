"""Which of the AWS provider's types a run of some units can ask for: by their stacks and their states."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from scripts import paths, state
from scripts.terragrunt.provider_schema import named_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.environment import Environment
    from scripts.terragrunt.render import Unit

FOLDER = paths.ROOT / "terraform"
ROOT_FILE = paths.ROOT / "terragrunt.hcl"
_SOURCE = re.compile(rb'\bsource"?\s*[=:]\s*"([^"]*)"')
# A local module's begins with ./ or ../, and a provider's has two parts, which no module's has:
# https://developer.hashicorp.com/terraform/language/modules/sources
_LOCAL = (b"./", b"../")
_PROVIDER = re.compile(rb"[a-z0-9_-]+/[a-z0-9_-]+")
_MADE = {".terragrunt-cache", ".terraform"}


def needed(environment: Environment, units: Iterable[Unit]) -> set[str] | None:
    """Return the types that *units* name in their stacks, or hold in their states from earlier ones.

    None, which is all of them, where that can't be told: of a stack or module that stands elsewhere, a file
    or a state that can't be read. Terraform tells what is wrong with those.
    """
    asked = list(units)
    if not all(_is_ours(environment.folder / unit.name, unit.source) for unit in asked):
        return None
    try:
        texts = configuration(FOLDER)
        if texts is None:
            return None
        texts += [ROOT_FILE.read_bytes()]
        texts += [state.read_object(unit, unit.state_key) or b"" for unit in asked]
    except (BotoCoreError, ClientError, OSError):
        return None
    return set().union(*map(named_in, texts))


def configuration(folder: Path) -> list[bytes] | None:
    """Return the files of Terraform and Terragrunt below *folder*; None where a module may stand elsewhere.

    Raises OSError where one can't be read.
    """
    texts = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _MADE)
        for name in sorted(names):
            # Terraform passes over hidden files too, such as an editor's.
            if name.startswith(".") or not name.endswith((".tf", ".tf.json", ".hcl")):
                continue
            text = Path(place, name).read_bytes()
            if not name.endswith(".hcl") and not _stays_in(folder, Path(place), text):
                return None
            texts.append(text)
    return texts


def _stays_in(folder: Path, place: Path, text: bytes) -> bool:
    """Tell whether every module that *text*, a file in *place*, names stands below *folder*."""
    for source in _SOURCE.findall(text):
        if source.startswith(_LOCAL):
            if not (place / os.fsdecode(source)).resolve().is_relative_to(folder.resolve()):
                return False
        elif not _PROVIDER.fullmatch(source):
            return False
    return True


def _is_ours(unit: Path, source: str) -> bool:
    stack = (unit / source).resolve()
    return stack.is_dir() and stack.is_relative_to(FOLDER)
