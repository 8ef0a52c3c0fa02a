"""One run of Terragrunt over a command's units: environment, process, output, outcome."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.telemetry import current
from scripts.terragrunt import process
from scripts.terragrunt.children import variables
from scripts.terragrunt.command import Terragrunt
from scripts.terragrunt.log import RunLog
from scripts.terragrunt.needed_types import needed
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.session import Session


@dataclass(frozen=True)
class Outcome:
    """How a run ended. ``results`` is Terragrunt's word for each unit, as in ``succeeded``."""

    code: int
    interrupted: bool
    log: RunLog
    results: Mapping[str, str]

    @property
    def failed(self) -> list[str]:
        """The units that did not succeed, as far as Terragrunt reports on them."""
        return [unit for unit, result in self.results.items() if result != "succeeded"]


def execute(
    session: Session,
    verb: str,
    *,
    bootstrap: bool = False,
    key: str | None = None,
    json_plans: Path | None = None,
    **options: Any,
) -> Outcome:
    """Run Terraform's *verb* in the session's units and stream what it says. *key* is the Honeycomb key.

    A plan also goes, as JSON, into the folder *json_plans* where that is given.

    Raises OperatorError or ToolError where nothing could be started.
    """
    environment = session.environment
    terragrunt = Terragrunt(locate.terragrunt(), locate.terraform(), environment.folder)
    log = RunLog()

    def on_line(line: str) -> None:
        log.feed(line)
        session.output.say(shown(line))

    with ExitStack() as stack:
        report = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "report.json"
        stack.enter_context(session.output.step(f"{verb} {environment.name}"))
        current.note_session(session, verb)
        stack.enter_context(current.step(f"terragrunt {verb}"))
        child = current.child_variables(child_variables(session, key=key))
        command = terragrunt.run_all(
            verb, list(session.units), bootstrap=bootstrap, report=report, json_plans=json_plans, **options
        )
        finished = process.run(command, environment=child, on_line=on_line)
        made = {unit: found for unit, found in log.changes.items() if unit not in log.planned}
        current.note_changes(log.changes if verb == "plan" else made)
        return Outcome(finished.code, finished.interrupted, log, read_report(report))


def child_variables(session: Session, *, key: str | None = None) -> dict[str, str]:
    """Return Terragrunt's environment; where the session has a provider process that fits, with that."""
    child = variables(session.environment, key=key)
    if session.provider is None or not one_provider_fits(session):
        return child
    return child | session.provider.variables(needed(session.environment, session.units.values()))


def one_provider_fits(session: Session) -> bool:
    """Tell whether all units give the provider the same block: a shared one is configured once for all."""
    return len({unit.provider for unit in session.units.values()}) == 1


def read_report(file: Path) -> dict[str, str]:
    """Return each unit's result from Terragrunt's JSON report; empty where it wrote none."""
    try:
        entries = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {Path(entry["Name"]).name: entry["Result"] for entry in entries}


def shown(line: str) -> str:
    """Return a line of Terragrunt's output as we print it: the unit and the words."""
    unit, text = RunLog.split(line)
    return f"[{unit}] {text}" if unit else text
