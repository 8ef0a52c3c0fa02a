"""``apply``: create or change the resources."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import applying, approval
from scripts.arguments import add_approval, add_environment, add_unit
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Create or change what the configuration asks for; makes the state bucket where it is missing."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the units and the approval."""
    add_environment(parser)
    add_unit(parser)
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Apply, after all that can be refused was refused."""
    output = Output()
    approval.refuse(arguments.env, "apply", arguments.approve)
    with ExitStack() as running:
        opened, key = applying.prepare(arguments.env, arguments.unit, output, running)
        approval.ask(arguments.env, "apply", arguments.approve)
        said = applying.apply(opened, key)
    output.summary(f"apply {arguments.env}: {said}")
    return 0
