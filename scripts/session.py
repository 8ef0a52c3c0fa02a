"""How every command begins: environment, units, what they ask for, and who calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts import environment, preflight
from scripts.aws import make_ready
from scripts.terragrunt import units
from scripts.terragrunt.children import not_passed_on, variables
from scripts.terragrunt.provider import started
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack

    from scripts.environment import Environment
    from scripts.output import Output
    from scripts.preflight import Caller
    from scripts.terragrunt.provider import SharedProvider
    from scripts.terragrunt.render import Unit


@dataclass(frozen=True)
class Session:
    """A command's surroundings, checked: nothing slow or lasting happened yet."""

    environment: Environment
    units: Mapping[str, Unit]
    caller: Caller
    output: Output
    provider: SharedProvider | None = None

    @property
    def any_unit(self) -> Unit:
        """One unit, for what is the same in all: bucket, region, account."""
        return next(iter(self.units.values()))


def begin(
    environment_name: str, unit_choice: str, output: Output, *, running: ExitStack | None = None
) -> Session:
    """Return the session for the units that *unit_choice* stands for.

    A command that runs Terraform gives *running*: a local one gets its provider process there, started
    first of all, since it takes as long as everything else here.

    Raises OperatorError where the environment can't be worked on: local cloud not started, unit unknown,
    configuration incomplete, credentials, account, region or endpoint wrong.
    """
    opened = environment.load(environment_name)
    dropped = [name for name in not_passed_on(opened.variables) if opened.variables[name]]
    if dropped:
        output.say(
            f"not passed on to Terraform, where it would show the key or change the result: "
            f"{', '.join(dropped)}"
        )
    shared: SharedProvider | None = None
    if running is not None and opened.is_local:
        shared = running.enter_context(started(variables(opened)))
    names = units.selected(opened, unit_choice)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(render, opened, names)
        make_ready(opened.variables, "sts", "s3")
        rendered = waiting.result()
    caller = preflight.check(opened, next(iter(rendered.values())).target)
    return Session(opened, rendered, caller, output, shared)
