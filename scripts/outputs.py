"""A unit's outputs, read by Terraform from its state."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from python_terraform import IsFlagged
from rich.table import Table
from rich.text import Text

from scripts.errors import OperatorError
from scripts.secrets import scrub
from scripts.terragrunt import diagnosis
from scripts.terragrunt.command import Terragrunt
from scripts.terragrunt.log import RunLog
from tools import locate

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    for unit, found in values.items():
        for output, value in found.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            drawn.add_row(unit, output, Text(scrub(text)))
    return drawn
