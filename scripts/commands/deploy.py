"""``deploy``: the backend's image, everything that it needs, the rollout, and whether it works."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts import approval
from scripts.arguments import add_approval, add_environment, port
from scripts.errors import OperatorError
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Build and push the backend's image, apply every unit, wait until the service is steady, verify."
DEFAULT_PORT = 4567
ONLY = "deployment"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the image, which units, the approval, and the port of the local backend."""
    add_environment(parser)
    parser.add_argument("--image", default="", help="an image that is there (default: the checkout's)")
    parser.add_argument(
        "--only-deployment",
        nargs="?",
        const=ONLY,
        default="",
        metavar=ONLY,
        help="units registry, service and alarms alone; the others have been applied",
    )
    parser.add_argument("--port", type=port, default=0, help=f"ENV=local alone; default: {DEFAULT_PORT}")
    add_approval(parser)


def run(arguments: Namespace) -> int:
    """Deploy: 0 where it serves and is verified, 1 where it went back or something is wrong."""
    output = Output()
    if arguments.only_deployment not in {"", ONLY}:
        raise OperatorError(
            f"ONLY is {arguments.only_deployment[:40]!r}",
            remedy=f"give ONLY={ONLY} for the units registry, service and alarms alone, or nothing for all",
        )
    approval.refuse(arguments.env, "deploy", arguments.approve)
    # Here, for what is refused above needs none of it.
    from scripts.deploy import deploying, reference, starting

    given = reference.parse(arguments.image) if arguments.image else None
    wanted_port = arguments.port or DEFAULT_PORT
    only = bool(arguments.only_deployment)
    if arguments.env == "local":
        starting.start(output)
    with ExitStack() as running:
        return deploying.deploy(
            *(arguments.env, given, wanted_port, arguments.approve, output, running), only=only
        )
