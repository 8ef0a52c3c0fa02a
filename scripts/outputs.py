"""A unit's outputs, read by Terraform from its state."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from python_terraform import IsFlagged
from rich.table import Table
from rich.text import Text

from scripts import markdown
from scripts.errors import OperatorError
from scripts.plain import one_line
from scripts.secrets import scrub
from scripts.terragrunt import diagnosis
from scripts.terragrunt.command import Terragrunt
from scripts.terragrunt.log import RunLog
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.session import Session

TIMEOUT_SECONDS = 300


def read(session: Session, name: str, child: Mapping[str, str]) -> dict[str, Any]:
    """Return the outputs of unit *name*; empty where it was never applied.

    *child* is Terragrunt's environment. Raises OperatorError, with Terraform's reason, where that fails.
    """
    folder = session.environment.folder / name
    command = Terragrunt(locate.terragrunt(), locate.terraform(), folder).run_one("output", json=IsFlagged)
    finished = subprocess.run(
        command,
        env=dict(child),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if finished.returncode != 0:
        log = RunLog()
        for line in finished.stderr.decode("utf-8", errors="replace").splitlines():
            log.feed(line)
        problem = diagnosis.chosen(log.problems)
        reason = problem.text if problem else f"Terragrunt ended with {finished.returncode}"
        raise OperatorError(f"outputs of {name} can't be read: {reason}", remedy="try `make plan` for it")
    return {output: found["value"] for output, found in json.loads(finished.stdout).items()}


def table(values: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the units' outputs as a table."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("unit", "output", "value"):
        drawn.add_column(name, overflow="fold")
    for unit, output, value in _rows(values):
        drawn.add_row(unit, output, Text(scrub(value)))
    return drawn


def to_markdown(environment: str, values: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the units' outputs for a job's summary of GitHub's, as code: an address can be copied."""
    lines = [one_line(f"{unit}.{output} = {value}") for unit, output, value in _rows(values)]
    head = f"### Outputs, {markdown.escaped(environment)}"
    return "\n".join([head, "", *markdown.code("\n".join(lines)), ""])


def _rows(values: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Yield unit, output and value; what is no text is written as JSON."""
    for unit, found in values.items():
        for output, value in found.items():
            yield unit, output, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
