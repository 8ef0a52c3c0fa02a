"""`make deploy` and `make rollback`: what both commands do, in their order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scripts import approval
from scripts.deploy import (
    calls,
    history,
    images,
    links,
    local_process,
    parameter,
    registry,
    rolling,
    serving,
    verifying,
)
from scripts.deploy.locks import alone, alone_everywhere
from scripts.deploy.preparing import prepare, require_alone, require_unlocked
from scripts.deploy.reference import parse
from scripts.errors import OperatorError
from scripts.honeycomb import markers
from scripts.telemetry import current

if TYPE_CHECKING:
    from contextlib import ExitStack

    from scripts.deploy.preparing import Work
    from scripts.deploy.reference import Reference
    from scripts.deploy.rolling import Done
    from scripts.output import Output

DEPLOY, ROLLBACK = "deploy", "rollback"


def deploy(
    environment_name: str,
    given: Reference | None,
    port: int,
    approve: str,
    output: Output,
    running: ExitStack,
    *,
    only: bool = False,
) -> int:
    """Deploy the image *given*, else the checkout's, and return the exit code. Raises OperatorError.

    With *only*, the deployment's own units are applied, and no others.

    The image exists before the parameter names it, and the parameter names it before anything is applied:
    stopped anywhere, the next run does what is left.
    """
    running.enter_context(alone(environment_name, DEPLOY))
    work = prepare(environment_name, output, running, only=only)
    tag = "" if given is not None else images.content_tag()
    _refuse(work, port)
    is_made = images.refuse(work, given, tag)
    approval.ask(environment_name, DEPLOY, approve)
    repository = images.make_registry(work)
    if is_made:
        images.make(work, repository, tag)
    image = given.text if given is not None else f"{repository}:{tag}"
    return _bring(work, image, port, DEPLOY)


def roll_back(environment_name: str, port: int, approve: str, output: Output, running: ExitStack) -> int:
    """Go back to the image before today's and return the exit code. Raises OperatorError."""
    running.enter_context(alone(environment_name, ROLLBACK))
    work = prepare(environment_name, output, running)
    values = parameter.history(work.aws, work.names, local=work.is_local)
    earlier = history.earlier(values)
    if earlier is None:
        others = [
            value for value in dict.fromkeys(reversed(values[:-1])) if value not in {history.NONE, values[-1]}
        ]
        had = f"; it has had {', '.join(others[:3])}" if others else ""
        raise OperatorError(
            f"{environment_name} has no earlier image to go back to{had}",
            remedy=f"run `make deploy ENV={environment_name} IMAGE=<reference>` for any other",
        )
    _refuse(work, port)
    registry.require(work.names, parse(earlier), local=work.is_local)
    output.say(f"rollback {environment_name}: from {values[-1]}")
    output.say(f"rollback {environment_name}: to   {earlier}")
    approval.ask(environment_name, ROLLBACK, approve)
    return _bring(work, earlier, port, ROLLBACK)


def _refuse(work: Work, port: int) -> None:
    require_alone(work)
    if work.is_local:
        local_process.require_port(port)


def _bring(work: Work, image: str, port: int, command: str) -> int:
    said = f"{command} {work.environment_name}"
    short, began = rolling.short_image(image), time.time()
    current.note("image", short)
    with alone_everywhere(work.session, command), calls.patience(work.output.say):
        # Building may have taken minutes, and so may the answer to whether this is approved.
        require_unlocked(work)
        done = rolling.bring(work, image)
    good = done.failure is None
    markers.create(work.session, image=short, started=began, ended=time.time(), good=good, kind=command)
    if done.failure is not None:
        failure = done.failure
        work.output.summary(
            f"{said}: {short} did not become steady: {failure.why}; {failure.serving}, {failure.restored}",
            good=False,
        )
        return 1
    work.output.say(f"{said}: {done.applied}")
    if done.tasks == 0:
        if work.is_local:
            local_process.stop()  # it stands for the tasks
        work.output.summary(
            f"{said}: {short} is deployed and nothing serves, for the service's desired count is 0: "
            f"`aws ecs update-service --cluster {work.names.cluster} --service {work.names.service} "
            "--desired-count 1` has it serve, and scaling goes on from there",
            good=False,
        )
        return 1
    try:
        good, verified = _verified(work, done, port)
        with calls.patience(work.output.say):
            addresses = links.of(work)
    except OperatorError as error:
        told = f"{short} is deployed and steady, and not verified to its end: {error.message}"
        raise type(error)(told, remedy=error.remedy) from error
    for what, address in addresses.items():
        work.output.say(f"{what:<10} {address}")
    where = _where(image, port) if work.is_local else ""
    tasks = f"{done.tasks} task{'s' if done.tasks != 1 else ''}"
    work.output.summary(f"{said}: {short} serves{where}, {tasks}, {verified}", good=good)
    return 0 if good else 1


def _where(image: str, port: int) -> str:
    """Return where it answers on this machine, and that it is another version where the image is."""
    at = f" at http://127.0.0.1:{port}"
    ours = images.content_tag()
    return at if parse(image).tag == ours else f"{at} with this checkout's files, which are {ours}"


def _verified(work: Work, done: Done, port: int) -> tuple[bool, str]:
    """Return whether what serves is right, as far as it was looked at, and that in words."""
    definition = done.definition
    if definition is None:
        raise OperatorError(
            "the service is steady without a task definition", remedy="report this as a defect"
        )
    name = work.environment_name
    if work.is_local:
        process = serving.serve(work, definition, port)
        answered = serving.send_requests(process)
        work.output.say(f"{process.address} answered {answered} requests (process {process.pid})")
        good = verifying.local(process.address)
    elif work.only:
        # Who may do this alone may not read what is compared.
        workers = done.tasks * definition.workers
        return True, f"not verified: that is for `make verify ENV={name} LOADED=logs WORKERS={workers}`"
    else:
        good = verifying.on_aws(name, done.tasks * definition.workers, work.output)
    return good, "verified" if good else "verify found something wrong, see above"
