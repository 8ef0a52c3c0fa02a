"""The deployed backend on this machine: what the image holds, started as the task definition says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import requests

from scripts import paths
from scripts.deploy import container, local_process
from scripts.deploy.rollout import short
from scripts.errors import OperatorError
from scripts.image import contents

if TYPE_CHECKING:
    from scripts.deploy.local_process import Process
    from scripts.deploy.preparing import Work
    from scripts.deploy.service import Definition

REQUESTS = 20
PATHS = ("/api/activities/home", "/api/activities/notifications", "/api/message_groups", "/health")
REQUEST_TIMEOUT_SECONDS = 10.0


def serve(work: Work, definition: Definition, port: int) -> Process:
    """Start the definition's command here on *port*, in a folder with nothing but the image's files.

    An earlier one is ended first. Raises OperatorError, with its last log lines, where it does not come up.
    """
    former = local_process.stop()
    if former is not None:
        work.output.say(f"the backend of {short(former.definition)} has ended (process {former.pid})")
    local_process.clean_up()
    laid_out = contents.lay_out(local_process.folder())
    given = container.variables(work.aws, definition, work.session.environment.variables, port)
    programs = paths.ROOT / ".venv" / "bin"
    variables = {**laid_out.environment, "PATH": f"{programs}:{os.defpath}", **given}
    command = definition.command or laid_out.command
    if container.leaves_out_collector(definition):
        work.output.say("the task's collector does not run here: the backend sends to both places itself")
    with work.output.step("the deployed backend starts"):
        return local_process.start(
            [str(programs / command[0]) if "/" not in command[0] else command[0], *command[1:]],
            variables,
            working=laid_out.working_folder,
            port=port,
            definition=definition.arn,
        )


def send_requests(process: Process) -> int:
    """Send what a page would ask for, so that there is something to be traced; return how many were answered.

    Raises OperatorError where one is not.
    """
    with requests.Session() as session:
        for number in range(REQUESTS):
            path = PATHS[number % len(PATHS)]
            try:
                answer = session.get(f"{process.address}{path}", timeout=REQUEST_TIMEOUT_SECONDS)
            except requests.RequestException as error:
                raise OperatorError(
                    f"the deployed backend does not answer GET {path} ({type(error).__name__}): "
                    f"{local_process.last_lines()}",
                    remedy=f"look at {paths.shown(local_process.log_file())}",
                ) from error
            if not answer.ok:
                raise OperatorError(
                    f"the deployed backend answers GET {path} with {answer.status_code}",
                    remedy=f"look at {paths.shown(local_process.log_file())}",
                )
    return REQUESTS
