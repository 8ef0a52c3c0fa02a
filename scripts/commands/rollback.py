"""``rollback``: back to the image that was deployed before."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import approval
from scripts.arguments import add_approval, add_environment, port
from scripts.commands.deploy import DEFAULT_PORT
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Go back to the image that was deployed before, wait until the service is steady, verify."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the approval, and the port of the local backend."""
    add_environment(parser)
    parser.add_argument("--port", type=port, default=0, help=f"ENV=local alone; default: {DEFAULT_PORT}")
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Go back: 0 where the earlier image serves and is verified, 1 where it does not."""
    output = Output()
    approval.refuse(arguments.env, "rollback", arguments.approve)
    # Here, for what is refused above needs none of it.
    from scripts.deploy import deploying

    wanted_port = arguments.port or DEFAULT_PORT
    with ExitStack() as running:
        return deploying.roll_back(arguments.env, wanted_port, arguments.approve, output, running)
