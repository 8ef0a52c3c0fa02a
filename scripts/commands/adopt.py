"""``adopt``: take over, under Terraform, what was made by hand."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scripts.adopt import adopting, names
from scripts.arguments import add_environment, add_unit
from scripts.output import Output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Write inputs and import blocks for what was made by hand, and show the plan; applies nothing."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the unit and the names."""
    add_environment(parser)
    add_unit(parser)
    parser.add_argument(
        "--names",
        default="",
        help="groups and sampling rules that the configuration doesn't ask for, by commas; * and ? match any",
    )


def run(arguments: Namespace) -> int:
    """Adopt: 0 where nothing but imports is planned, 1 where more is."""
    given = names.parse(arguments.names)
    with ExitStack() as running:
        return adopting.adopt(arguments.env, arguments.unit, given, Output(), running)
