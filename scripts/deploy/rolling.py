"""One deployment from the image parameter to the end of the rollout, and the way back where it failed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scripts import applying
from scripts.deploy import applied, calls, parameter, rollout, service, waiting
from scripts.deploy.history import NONE
from scripts.deploy.preparing import ALARMS, SERVICE
from scripts.deploy.reference import parse
from scripts.deploy.rollout import Kind
from scripts.deploy.waiting import Watch
from scripts.errors import InterruptedRunError, OperatorError

if TYPE_CHECKING:
    from scripts.deploy.preparing import Work
    from scripts.deploy.rollout import Service
    from scripts.deploy.service import Definition
    from scripts.deploy.waiting import Ended

_SETTINGS = "put them right, or back, and deploy again"


@dataclass(frozen=True)
class Failure:
    """Why a deployment did not become steady, what serves now in words, and what was put right."""

    why: str
    serves: str
    restored: str

    @property
    def serving(self) -> str:
        """What serves now, as half a sentence."""
        return "nothing serves" if self.serves == NONE else f"{self.serves} still serves"


@dataclass(frozen=True)
class Done:
    """What became of a deployment: the definition that serves now, or the failure."""

    applied: str
    definition: Definition | None = None
    failure: Failure | None = None
    tasks: int = field(default=0)


def bring(work: Work, image: str) -> Done:
    """Write *image* into the parameter, apply all units, and wait until the service is steady or back again.

    Running it again after whatever stopped it goes on from there. Raises OperatorError where a unit can't be
    applied, AWS can't be asked any more, or somebody else's deployment has taken the place of this one.
    """
    before = _look(work)
    known = rollout.known_events(before)
    _tell_of_another(work, image, before)
    _write(work, image)
    done = _applied(work, image)
    with waiting.goes_on(again(work, image)):
        definition = _definition(work, image)
        if rollout.has_failed(before, definition.arn):
            _try_anew(work, definition)
        work.output.say(f"waiting for {work.names.service}, task definition {_short(definition)}")
        ended = _watch(work, definition, known).wait()
    if ended.kind is Kind.STEADY and ended.service is not None:
        return Done(done, definition, tasks=ended.service.desired)
    if ended.kind is Kind.REPLACED:
        raise OperatorError(
            f"another deployment has taken the place of {_short(definition)}",
            remedy=f"see who else deploys to {work.environment_name}; run this again where yours is the one",
        )
    return Done(done, failure=_put_right(work, definition, ended, known))


def _look(work: Work) -> Service | None:
    return calls.called(lambda: service.look(work.aws, work.names), local=work.is_local)


def _tell_of_another(work: Work, image: str, before: Service | None) -> None:
    """Say so where a rollout is still under way: the command that began it, if one did, has ended."""
    arn = rollout.under_way(before)
    other = service.definition(work.aws, arn, local=work.is_local) if arn is not None else None
    if other is not None and other.image != image:
        work.output.say(
            f"{_short(other)} with {short_image(other.image)} is still rolling out; this one takes its place"
        )


def _try_anew(work: Work, definition: Definition) -> None:
    """Have ECS try what it gave up, and Terraform found to be as it should."""
    work.output.say(f"{_short(definition)} has failed before: its tasks are started anew")
    names = work.names

    def call() -> object:
        return work.aws.ecs.update_service(
            cluster=names.cluster, service=names.service, forceNewDeployment=True
        )

    calls.called(call, local=work.is_local)


def again(work: Work, image: str) -> str:
    """Return the command that goes on with *image*, which a second `make rollback` would not."""
    only = " ONLY=deployment" if work.only else ""
    return f"make deploy ENV={work.environment_name}{only} IMAGE={image}"


def _applied(work: Work, image: str) -> str:
    try:
        return applying.apply(work.session, work.key)
    except OperatorError as error:
        raise type(error)(error.message, remedy=f"{error.remedy}; `{again(work, image)}` goes on") from error


def _write(work: Work, image: str) -> None:
    before = parameter.read(work.aws, work.names, local=work.is_local)
    if before != image:
        parameter.write(work.aws, work.names, image, local=work.is_local)
        work.output.say(f"{work.names.parameter}: {image}, was {before}")


def _definition(work: Work, image: str) -> Definition:
    unit = work.session.units[SERVICE]
    arn = applied.definition(unit, local=work.is_local)
    definition = service.definition(work.aws, arn, local=work.is_local) if arn is not None else None
    if definition is None:
        raise OperatorError(
            f"the units are applied, and there is no task definition {arn or work.names.family}",
            remedy="look at unit service: `make plan UNIT=service`",
        )
    if definition.image != image:
        raise OperatorError(
            f"{_short(definition)} has the image {definition.image}, and not {image}",
            remedy=f"see who else deploys to {work.environment_name}; run this again where yours is the one",
        )
    return definition


def _watch(work: Work, definition: Definition, known: frozenset[str]) -> Watch:
    command = again(work, definition.image)
    return Watch(work.aws, work.names, definition.arn, known, work.output, work.is_local, command)


def _put_right(work: Work, definition: Definition, ended: Ended, known: frozenset[str]) -> Failure:
    """Return the failure, after the parameter and the state were made to say again what serves.

    They stay where that can't be told, and where its image is the same: then other settings have failed.
    """
    if ended.kind is Kind.GONE:
        return Failure(
            "the service was removed meanwhile", NONE, f"`{again(work, definition.image)}` makes it again"
        )
    why = _why(work, definition, ended, known)
    arn = rollout.serving(ended.service, definition.arn)
    former = service.definition(work.aws, arn, local=work.is_local, retired=True) if arn is not None else None
    if arn is not None and former is None:
        return Failure(
            why, rollout.short(arn), "image parameter and state stay, for ECS no longer tells its image"
        )
    image = former.image if former is not None else NONE
    serves = short_image(image)
    if parameter.read(work.aws, work.names, local=work.is_local) != definition.image:
        return Failure(why, serves, "the image parameter is another deployment's by now, and stays")
    if former is not None and image == definition.image:
        settings = f"what failed are the settings of {_short(definition)}: {_SETTINGS}"
        told = (
            settings if former.arn != definition.arn else "and newer tasks of it don't start: run this again"
        )
        return Failure(why, f"{serves} of {_short(former)}", told)
    return _restore(work, definition, image, Failure(why, serves, "image parameter and state say so again"))


def _restore(work: Work, definition: Definition, image: str, failure: Failure) -> Failure:
    """Return *failure*, or another that says what could not be put right."""
    parameter.write(work.aws, work.names, image, local=work.is_local)
    work.output.say(f"{work.names.parameter}: back to {image}")
    # Without a service, its alarms would ring.
    units = (SERVICE, ALARMS) if image == NONE else (SERVICE,)
    try:
        known = rollout.known_events(_look(work))
        applying.apply(work.of(*units), None)
        if image == NONE:
            return failure
        former = _definition(work, image)
        back = _watch(work, former, known).wait()
    except OperatorError as error:
        told = f"{_short(definition)} did not become steady: {failure.why}; {failure.serving}"
        problem = f"{error.message}: {error.remedy}"
        goes_on = f"`{again(work, definition.image if image == NONE else image)}` goes on"
        if isinstance(error, InterruptedRunError):
            raise InterruptedRunError(
                f"{told}; {error.message}", remedy=f"{error.remedy}; {goes_on}"
            ) from error
        return replace(
            failure, restored=f"but image parameter and state don't say so yet: {problem}; {goes_on}"
        )
    if back.kind is not Kind.STEADY:
        return replace(failure, restored=f"{_short(former)}, which is to serve again, is {back.kind}")
    return failure


def _why(work: Work, definition: Definition, ended: Ended, known: frozenset[str]) -> str:
    stopped = calls.called(lambda: service.stopped(work.aws, work.names, definition.arn), local=work.is_local)
    found = rollout.reasons(ended.service, definition.arn, known, stopped)
    for reason in stopped:
        work.output.say(f"  a task stopped: {reason}")
    return found[0] if found else f"the service is {ended.kind}, and ECS tells no reason"


def short_image(image: str) -> str:
    """Return what a person tells an image by: its tag or the digest's first digits; ``none`` stays."""
    return image if image == NONE else parse(image).short


def _short(definition: Definition) -> str:
    return rollout.short(definition.arn)
