"""Sends one probe and follows it: backend, X-Ray, Honeycomb; each a check."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scripts import secrets
from scripts.aws import FAILURES
from scripts.errors import OperatorError, explain
from scripts.verify import expected, health
from scripts.verify.check import Result, Status, failed
from scripts.verify.engine import guarded
from scripts.verify.probe import backend, forcing, request
from scripts.verify.probe.following import Followed, Following, Place
from scripts.verify.probe.honeycomb import Keys
from scripts.verify.probe.waiting import SECONDS_MAX, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_ssm import SSMClient

    from scripts.aws import Clients
    from scripts.environment import Environment
    from scripts.output import Output
    from scripts.terragrunt.render import Unit
    from scripts.verify.probe.backend import Seen

_AFTER = {"probe.xray": "the trace in X-Ray", "probe.honeycomb": "the trace in Honeycomb"}


@dataclass(frozen=True)
class Surroundings:
    """What a probe needs: the environment, what it asks for, who is asked, and who reads along."""

    environment: Environment
    units: Mapping[str, Unit]
    clients: Clients
    output: Output
    caller_arn: str


class _NoKeyError(Exception):
    """The key can't be had; the check says why."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.actual)
        self.result = result


def run(surroundings: Surroundings, address: str, *, seconds: float = SECONDS_MAX) -> list[Result]:
    """Return the three checks; *seconds* is how long the trace is waited for.

    Raises OperatorError where *address* is none.
    """
    address = health.origin(address or backend.DEFAULT_ADDRESS)
    say = surroundings.output.say
    missing = [name for name in ("honeycomb-key", "honeycomb") if name not in surroundings.units]
    if missing:
        wanted = forcing.Asked(address, None).expected
        actual = f"not signed: this environment has no unit {' and no unit '.join(missing)}"
        remedy = "add what is missing to the environment, or leave PROBE out"
        return _and_skipped(failed(forcing.CHECK_ID, wanted, actual, remedy))
    try:
        before = _seen(address)
        loaded, version = _loaded_key(surroundings, address)
        signing, asked = _signing(loaded, version, before, address)
        if before is not None and before.possible is False:
            return _and_skipped(forcing.impossible(asked, before))
        say(f"probe: {request.METHOD} {address}{request.PATH}")
        sent = request.send(address, signing)
    except _NoKeyError as error:
        return _and_skipped(error.result)
    except OperatorError as error:
        wanted = forcing.Asked(address, None).expected
        return _and_skipped(failed(forcing.CHECK_ID, wanted, f"not reached: {error.message}", error.remedy))
    first = forcing.result(asked, sent, before)
    if first.status is not Status.PASS:
        return _and_skipped(first)
    place = _place(surroundings, loaded)
    waiting = Waiting(sent.ended, seconds)
    followed = Followed(
        sent.trace_id, sent.began, sent.answer.worker if sent.answer else None, address, before
    )
    following = Following(place, followed, waiting)
    say(f"probe: forced, trace {sent.trace_id}; waiting for it in both places, {seconds:.0f} s at most")
    with surroundings.output.step("probe: waiting for the trace"):
        return [first, *_both(following, waiting, local=place.local)]


def _guarded(wanted: tuple[str, str], check: Callable[[], Result], local: bool) -> Result:
    [result] = guarded(dict([wanted]), lambda: [check()], local=local)
    return result


def _both(following: Following, waiting: Waiting, *, local: bool) -> list[Result]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            checks = zip(_AFTER.items(), (following.xray, following.honeycomb), strict=True)
            found = [pool.submit(_guarded, wanted, check, local) for wanted, check in checks]
            return [one.result() for one in found]
        finally:
            waiting.stop()


def _seen(address: str) -> Seen | None:
    """Return what the backend tells before; None where it doesn't, which the probe's own answer explains."""
    try:
        return backend.read(address)
    except OperatorError:
        return None


def _loaded_key(surroundings: Surroundings, address: str) -> tuple[str, int]:
    asked = expected.key(surroundings.units["honeycomb-key"])
    wanted = forcing.Asked(address, None).expected
    refuse = partial(failed, forcing.CHECK_ID, wanted)
    again = f"run `make apply ENV={surroundings.environment.name}`"
    try:
        found = _parameter(surroundings.clients.ssm(), asked.name)
    except FAILURES as error:
        problem = explain(error, local=surroundings.environment.is_local)
        raise _NoKeyError(
            refuse(f"not signed: the key in SSM can't be read: {problem.message}", problem.remedy)
        ) from error
    if found is None or not found[0]:
        raise _NoKeyError(refuse(f"not signed: parameter {asked.name} holds no key", again))
    return found


def _parameter(client: SSMClient, name: str) -> tuple[str, int] | None:
    parameters = client.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    if not parameters:
        return None
    value = parameters[0]["Value"]
    secrets.remember(value)
    return value, parameters[0]["Version"]


def _signing(loaded: str, version: int, before: Seen | None, address: str) -> tuple[str, forcing.Asked]:
    """Return the key to sign with: the operator's own where the backend has its key from a variable."""
    own = secrets.handed_over()
    if own is not None and before is not None and before.possible and before.key_version is None:
        return own, forcing.Asked(address, None)
    return loaded, forcing.Asked(address, version)


def _place(surroundings: Surroundings, loaded: str) -> Place:
    asked = expected.parameters(surroundings.units["honeycomb"])
    dataset = next(value for name, value in asked.values.items() if name.endswith("/honeycomb/dataset"))
    return Place(
        environment=surroundings.environment.name,
        local=surroundings.environment.is_local,
        xray=surroundings.clients.xray(),
        region=surroundings.clients.region,
        caller_arn=surroundings.caller_arn,
        endpoint=asked.endpoint,
        dataset=dataset,
        keys=Keys(loaded, secrets.to_ask_with(local=surroundings.environment.is_local)),
        say=surroundings.output.say,
    )


def _and_skipped(first: Result) -> list[Result]:
    return [
        first,
        *(
            Result(check_id, Status.SKIP, wanted, "there is no trace to look for", first.remedy)
            for check_id, wanted in _AFTER.items()
        ),
    ]
