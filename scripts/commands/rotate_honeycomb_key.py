"""``rotate-honeycomb-key``: write a new key, and see that it arrived."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import approval, rotation
from scripts.arguments import add_approval, add_environment
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Raise the key's committed version, write HONEYCOMB_API_KEY to SSM, and check that SSM has it."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment and the approval."""
    add_environment(parser)
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Rotate the key."""
    output = Output()
    approval.refuse(arguments.env, "rotate-honeycomb-key", arguments.approve)
    with ExitStack() as running:
        prepared = rotation.prepare(arguments.env, output, running)
        approval.ask(arguments.env, "rotate-honeycomb-key", arguments.approve)
        said = rotation.rotate(prepared)
    output.summary(f"rotate-honeycomb-key {arguments.env}: {said}")
    return 0
