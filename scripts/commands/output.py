"""``output``: the units' outputs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts import outputs, session, state
from scripts.arguments import add_environment, add_unit
from scripts.output import Output
from scripts.terragrunt.children import variables

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Show the units' outputs, as they were last applied."
THREADS = 3
FROM_STATE = {"TG_DEPENDENCY_FETCH_OUTPUT_FROM_STATE": "true"}
"""Terraform can't ask a unit that a run has left without a provider of its own, as the shared one does."""
FORMATS = ("table", "json", "markdown")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the units and the format."""
    add_environment(parser)
    add_unit(parser)
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: Namespace) -> int:
    """Read each unit's outputs and print them."""
    output = Output(document=arguments.format != "table")
    opened = session.begin(arguments.env, arguments.unit, output)
    state.require_bucket(opened.any_unit, opened.environment, "output")
    with (
        output.step(f"output {arguments.env}"),
        ThreadPoolExecutor(max_workers=THREADS) as pool,
    ):
        child = {**variables(opened.environment), **FROM_STATE}
        found = pool.map(lambda name: outputs.read(opened, name, child), opened.units)
        values = dict(zip(opened.units, found, strict=True))
    if arguments.format == "json":
        output.document(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    elif arguments.format == "markdown":
        output.document(outputs.to_markdown(arguments.env, values))
    else:
        output.show(outputs.table(values))
    count = sum(len(one) for one in values.values())
    output.summary(f"output {arguments.env}: {count} outputs of {', '.join(values)}")
    return 0
