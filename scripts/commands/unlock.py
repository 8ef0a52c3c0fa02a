"""``unlock``: free a lock that a killed run has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import approval, session, state
from scripts.arguments import add_approval, add_environment
from scripts.deploy import unlocking
from scripts.output import Output
from scripts.terragrunt import units

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Free the lock of a state or a deployment whose holder died, by the id that it was told with."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the lock's id and the approval."""
    add_environment(parser)
    parser.add_argument("--lock", default="", help="the lock's id")
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Free the lock. Without its id, an error tells which there are."""
    output = Output()
    approval.refuse(arguments.env, "unlock", arguments.approve)
    opened = session.begin(arguments.env, units.ALL, output)
    state.require_bucket(opened.any_unit, opened.environment, "unlock")
    found = unlocking.held(opened)
    wanted = unlocking.require(found, arguments.lock, arguments.env)
    output.say(f"unlock {arguments.env}: {wanted.what}")
    approval.ask(arguments.env, "unlock", arguments.approve)
    unlocking.free(opened, arguments.lock)
    output.summary(f"unlock {arguments.env}: {wanted.key} is free")
    return 0
