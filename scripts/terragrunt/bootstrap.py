"""The state bucket, made by Terragrunt: encrypted, versioned, closed to the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.telemetry import current
from scripts.terragrunt import process
from scripts.terragrunt.children import variables
from scripts.terragrunt.log import RunLog
from tools import locate

if TYPE_CHECKING:
    from scripts.environment import Environment
    from scripts.output import Output


def run(environment: Environment, unit: str, output: Output) -> None:
    """Make the state bucket that *unit*, and with it all of the environment, uses.

    Raises OperatorError with Terragrunt's reason where that fails.
    """
    log = RunLog()

    def on_line(line: str) -> None:
        log.feed(line)
        output.say(line)

    command = [str(locate.terragrunt()), "--no-color", "--non-interactive"]
    command += ["--working-dir", str(environment.folder / unit), "backend", "bootstrap"]
    finished = process.run(
        command, environment=current.child_variables(variables(environment)), on_line=on_line
    )
    if finished.code != 0:
        reason = log.problems[0].text if log.problems else f"Terragrunt ended with {finished.code}"
        raise OperatorError(f"the state bucket could not be made ({reason})", remedy="see the lines above")
