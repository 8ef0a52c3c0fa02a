"""What the configuration asks for: each unit as ``terragrunt render --json`` gives it, without Terraform."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts import paths
from scripts.errors import OperatorError
from scripts.terragrunt.children import variables
from scripts.terragrunt.units import available
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scripts.environment import Environment

TIMEOUT_SECONDS = 120
_MANY = 0.8
_PREFIX = re.compile(r"^\d\d:\d\d:\d\d\.\d+ [A-Z]+\s+(?:\[[^\]]*\] )?")
_NO_REASON = re.compile(r"Error: |on .* line \d+|\d+: ")


@dataclass(frozen=True)
class Target:
    """Where an environment lives: region, account, the path of its parameters, and the file that says so.

    ``service_name`` is what the backend reports as; ``settings`` are all of the environment's, by name.
    """

    region: str
    account_id: str
    parameter_path: str
    source: str
    service_name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Unit:
    """One unit: its inputs, the place of its state, and the provider block that Terraform gets.

    ``root`` are the root configuration's locals: names, tags, what was adopted. ``source`` is its stack, as
    the unit names it: a path from the unit's folder, or another module source; empty where it names none.
    """

    name: str
    inputs: Mapping[str, Any]
    bucket: str
    state_key: str
    state_region: str
    provider: str = field(repr=False)
    target: Target
    root: Mapping[str, Any] = field(default_factory=dict, repr=False)
    source: str = ""


def render(environment: Environment, names: Sequence[str]) -> dict[str, Unit]:
    """Return the units *names*: most of an environment by one Terragrunt, a few of them side by side.

    Raises OperatorError with Terragrunt's reason where one can't be, and with all problems of env.hcl.
    """
    every = available(environment)
    documents: list[Mapping[str, Any]] = []
    # One Terragrunt for all nine costs as much as seven for one each.
    if len(names) > 1 and len(names) > _MANY * len(every):
        try:
            rendered = _terragrunt(environment, environment.folder, "--all")
        except OperatorError:
            if set(names) == set(every):
                raise
            rendered = []  # what can't be rendered may be a unit that nobody asked for
        documents = [document for document in rendered if _unit_name(document) in names]
    if {_unit_name(document) for document in documents} != set(names):
        with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
            one_each = pool.map(lambda name: _terragrunt(environment, environment.folder / name), names)
            documents = [document for one in one_each for document in one]
    units = {unit.name: unit for unit in (parse(environment, document) for document in documents)}
    return {name: units[name] for name in names}


def _unit_name(document: Mapping[str, Any]) -> str | None:
    """Return the name of a rendered unit; None where it doesn't include the root, which ``parse`` tells."""
    name = ((document.get("locals") or {}).get("root") or {}).get("unit")
    return name if isinstance(name, str) else None


def _terragrunt(environment: Environment, folder: Path, *options: str) -> list[Mapping[str, Any]]:
    """Return the JSON documents that ``terragrunt render`` prints, one after the other, for *folder*."""
    command = [str(locate.terragrunt()), "--no-color", "--non-interactive", "--log-level", "error"]
    command += ["--working-dir", str(folder), "render", "--json", *options]
    try:
        finished = subprocess.run(
            command,
            env=variables(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OperatorError(
            f"{paths.shown(folder)} was not rendered within {TIMEOUT_SECONDS} s", remedy="run it again"
        ) from error
    if finished.returncode != 0:
        raise OperatorError(
            f"{paths.shown(folder)} can't be rendered: {reason(finished.stderr)}",
            remedy=f"correct {paths.shown(environment.folder)}",
        )
    return split(finished.stdout)


def split(text: str) -> list[Mapping[str, Any]]:
    """Return the JSON documents that stand one after the other in *text*. Raises ValueError for others."""
    decoder = json.JSONDecoder()
    documents = []
    rest = text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    return documents


def parse(environment: Environment, document: Mapping[str, Any]) -> Unit:
    """Return *document*, a rendered unit, as a Unit.

    Raises OperatorError with all that the root configuration finds wrong in env.hcl and adopted.hcl, and
    where the unit does not include that root.
    """
    root = (document.get("locals") or {}).get("root") or {}
    state = (document.get("remote_state") or {}).get("config") or {}
    source = paths.shown(environment.folder / "env.hcl")
    adopted = paths.shown(environment.folder / "adopted.hcl")
    problems = {source: root.get("problems"), adopted: root.get("adopted_problems")}
    wrong = {file: found for file, found in problems.items() if found}
    if wrong:
        said = "; ".join(f"{file}: {'; '.join(found)}" for file, found in wrong.items())
        raise OperatorError(said, remedy=f"correct {' and '.join(wrong)}")
    try:
        return Unit(
            name=root["unit"],
            inputs=document.get("inputs") or {},
            bucket=state["bucket"],
            state_key=state["key"],
            state_region=state["region"],
            provider=document["generate"]["provider"]["contents"],
            target=Target(
                region=root["settings"]["region"],
                account_id=root["settings"]["account_id"],
                parameter_path=root["parameter_path"],
                source=source,
                service_name=root["service_name"],
                settings=root["settings"],
            ),
            root=root,
            source=(document.get("terraform") or {}).get("source") or "",
        )
    except (KeyError, TypeError) as error:
        raise OperatorError(
            f"a unit of {environment.name} has no {error} of the root terragrunt.hcl",
            remedy="have the unit include the root with `expose = true`, and keep its local `root`",
        ) from error


def reason(errors: str) -> str:
    """Return the first thing that Terragrunt's *errors* say, as one line.

    Headlines such as ``Error: Error in function call``, places and quoted code say less than what follows.
    """
    lines = [_PREFIX.sub("", line).strip() for line in errors.splitlines()]
    lines = [line for line in lines if line]
    worded = [line for line in lines if not _NO_REASON.match(line)]
    return next(iter([*worded, *lines]), "Terragrunt gave no reason")
