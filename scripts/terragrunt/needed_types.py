"""Which of the AWS provider's types a run of some units can ask for: by their stacks and their states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from scripts import paths, state
from scripts.terragrunt.provider_schema import named_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scripts.environment import Environment
    from scripts.terragrunt.render import Unit

FOLDER = paths.ROOT / "terraform"
_SOURCE = re.compile(rb'\bsource"?\s*[=:]\s*"([^"]*)"')
# A local module's begins with ./ or ../, and a provider's has two parts, which no module's has:
# https://developer.hashicorp.com/terraform/language/modules/sources
_KNOWN_SOURCE = re.compile(rb"\.\.?/.*|[a-z0-9_-]+/[a-z0-9_-]+")
_MADE = {".terragrunt-cache", ".terraform"}


def needed(environment: Environment, units: Iterable[Unit]) -> set[str] | None:
    """Return the types that *units* name in their stacks, or hold in their states from earlier ones.

    None, which is all of them, where that can't be told: of a stack or module that stands elsewhere, or a
    state that can't be read. Terraform tells what is wrong with either.
    """
    asked = list(units)
    texts = configuration(FOLDER)
    if texts is None or not all(_is_ours(environment.folder / unit.name, unit.source) for unit in asked):
        return None
    try:
        texts += [state.read_object(unit, unit.state_key) or b"" for unit in asked]
    except (BotoCoreError, ClientError):
        return None
    return set().union(*map(named_in, texts))


def configuration(folder: Path) -> list[bytes] | None:
    """Return the Terraform files below *folder*; None where one of them may take a module from elsewhere."""
    files = [file for kind in ("*.tf", "*.tf.json") for file in sorted(folder.rglob(kind))]
    texts = [file.read_bytes() for file in files if not _MADE & {*file.relative_to(folder).parts}]
    sources = [source for text in texts for source in _SOURCE.findall(text)]
    return texts if all(map(_KNOWN_SOURCE.fullmatch, sources)) else None


def _is_ours(unit: Path, source: str) -> bool:
    return (unit / source).resolve().is_relative_to(FOLDER) and "::" not in source and "?" not in source
