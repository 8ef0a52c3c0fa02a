"""The steps of adopting: what is refused first, what is found, written, planned and said."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import filters, paths, run_lock, session, state
from scripts.adopt import files, held, planned, settings
from scripts.adopt.asked import UNITS
from scripts.adopt.finding import find
from scripts.aws import clients
from scripts.errors import OperatorError
from scripts.terragrunt import diagnosis
from scripts.terragrunt.execution import execute
from scripts.terragrunt.render import render
from scripts.terragrunt.units import KEY_UNIT, available

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import ExitStack

    from scripts.adopt.finding import Found
    from scripts.adopt.planned import Plan
    from scripts.output import Output
    from scripts.session import Session


def refuse(unit_choice: str, given: Sequence[str]) -> None:
    """Raise OperatorError for a unit that has nothing to adopt, and for names that no unit would look at."""
    if unit_choice == KEY_UNIT:
        raise OperatorError(
            "the key is never adopted: an import would copy it into the state",
            remedy="run `make apply`, which takes a parameter that is there over and writes the key",
        )
    if unit_choice and unit_choice not in UNITS:
        raise OperatorError(
            f"nothing can be adopted in unit {unit_choice!r}",
            remedy=f"use one of {', '.join(UNITS)}, or leave UNIT out for all three",
        )
    if given and unit_choice not in {"", "xray"}:
        raise OperatorError(
            f"NAMES are of groups and sampling rules, and UNIT={unit_choice} has none",
            remedy="leave one of both out",
        )


def adopt(
    environment_name: str, unit_choice: str, given: Sequence[str], output: Output, running: ExitStack
) -> int:
    """Write what takes over what was made by hand, show the plan, and return the exit code.

    0: nothing to adopt, or the plan is empty but for imports and the provider's tags. 1: it is not, or
    something is in the way. Raises OperatorError where it could not be done; then no file has changed.
    """
    refuse(unit_choice, given)
    opened = session.begin(environment_name, unit_choice, output, running=running)
    _require_bucket(opened)
    with run_lock.held(environment_name, "adopt"):
        held.require_unlocked(opened.units.values(), environment_name)
        with output.step("AWS and the states are read"):
            found = find(opened.units, clients(opened.any_unit.target.region), given)
        _tell(output, found)
        units = [name for name in UNITS if name in opened.units]
        drafts = files.pending(_drafts(opened, units, found))
        if not found.things:
            return _nothing(opened, found, drafts)
        try:
            with files.written(drafts):
                _tell_files(output, drafts)
                plans = _plans(opened, found)
        except OperatorError:
            if drafts:
                output.say("no plan, so the files are as they were before")
            raise
    return _end(opened, found, plans)


def _require_bucket(opened: Session) -> None:
    unit = opened.any_unit
    if state.bucket_exists(unit, opened.environment):
        return
    folder = paths.shown(opened.environment.folder / unit.name)
    alone = f"make it alone, with `terragrunt backend bootstrap` in {folder}"
    raise OperatorError(
        f"the state bucket {unit.bucket} does not exist, and adopt does not make it",
        remedy="run `make local-up`" if opened.environment.is_local else alone,
    )


def _drafts(opened: Session, units: Sequence[str], found: Found) -> list[files.Draft]:
    drafts = []
    for name in units:
        things = [thing for thing in found.things if thing.unit == name]
        path = files.imports_path(opened.environment, name)
        if things:
            drafts.append(files.Draft(path, files.imports_text(things)))
        elif files.is_written_by_adopt(path):
            drafts.append(files.Draft(path, None))
    inputs = {name: opened.units[name].inputs for name in units}
    changes = settings.differing(found.asked, found.rule_names, found.things, inputs)
    together = settings.merged(found.asked, changes)
    if together != found.asked.adopted:
        path = files.settings_path(opened.environment)
        drafts.append(files.Draft(path, files.settings_text(together)))
    return drafts


def _tell(output: Output, found: Found) -> None:
    for thing in found.things:
        output.say(f"made by hand: {thing}")
    for one in found.left_out:
        output.say(f"left out: {one.what}: {one.why}")
    if found.others:
        output.say(f"neither asked for nor named: {', '.join(found.others)}; NAMES takes them over as well")


def _tell_files(output: Output, drafts: Sequence[files.Draft]) -> None:
    for draft in drafts:
        output.say(f"{'removed' if draft.text is None else 'written'}: {paths.shown(draft.path)}")
        if draft.text is not None:
            for line in draft.text.splitlines():
                output.say(f"    {line}")


def _nothing(opened: Session, found: Found, drafts: Sequence[files.Draft]) -> int:
    removals = [draft for draft in drafts if draft.text is None]
    with files.written(removals):
        for draft in removals:
            opened.output.say(f"removed: {paths.shown(draft.path)}, as all in it is in the state or gone")
    ways = [one for one in found.left_out if one.in_the_way]
    said = f", but {len(ways)} left out" if ways else ""
    opened.output.summary(f"adopt {opened.environment.name}: nothing to adopt{said}", good=not ways)
    return 1 if ways else 0


def _plans(opened: Session, found: Found) -> dict[str, Plan]:
    """Return the plan of each unit that takes something over, made with the files as they are now.

    Adopted settings count for the whole environment, so with them each other unit that was applied is planned
    too: one whose inputs they change would else change without a word.
    """
    taking = {thing.unit for thing in found.things}
    settings_stand = files.settings_path(opened.environment).exists()
    others = set(UNITS) & set(available(opened.environment)) if settings_stand else set()
    rendered = render(opened.environment, sorted(taking | others))
    rendered = {name: unit for name, unit in rendered.items() if name in taking or held.of(unit)}
    filters.require_readable(rendered, opened.environment)
    planning = replace(opened, units=rendered)
    with tempfile.TemporaryDirectory() as folder:
        outcome = execute(planning, "plan", json_plans=Path(folder), input=False)
        diagnosis.require_success(planning, "adopt", outcome)
        plans = {}
        for name in rendered:
            things = [thing for thing in found.things if thing.unit == name]
            document = json.loads((Path(folder) / name / "tfplan.json").read_text())
            left_out = [one.address for one in found.left_out if one.address is not None]
            plans[name] = planned.read(document, things, found.asked.tags, left_out)
        return plans


def _end(opened: Session, found: Found, plans: Mapping[str, Plan]) -> int:
    output, name = opened.output, opened.environment.name
    for unit, plan in plans.items():
        for change in plan.changes:
            output.say(f"not adopted without a change: {unit}: {change}")
        for one in plan.unmet:
            output.say(f"not only imports: {unit}: {one}")
    tags = {tag: value for plan in plans.values() for tag, value in plan.tags.items()}
    if tags:
        listed = ", ".join(f"{tag}={value}" for tag, value in sorted(tags.items()))
        output.say(f"apply adds the tags that everything here has, and no other: {listed}")
    ways = [one for one in found.left_out if one.in_the_way]
    good = not ways and all(plan.empty for plan in plans.values())
    counted = Counter(thing.kind for thing in found.things)
    said = ", ".join(_counted(number, kind) for kind, number in counted.items())
    if good:
        output.say(
            f"next: `make apply ENV={name}`, then `make adopt ENV={name}` again, which removes imports.tf"
        )
        output.summary(f"adopt {name}: {said} to import, nothing else changes{' but tags' if tags else ''}")
        return 0
    changes = sum(len(plan.changes) + len(plan.unmet) for plan in plans.values())
    more = [f"{changes} more in the plan"] if changes else []
    more += [f"{len(ways)} left out"] if ways else []
    output.summary(f"adopt {name}: {said} to import, but {' and '.join(more)}", good=False)
    return 1


def _counted(number: int, kind: str) -> str:
    return f"{number} {kind}{'' if number == 1 else 's'}"
