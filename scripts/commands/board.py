"""``board``: Honeycomb's queries of ``queries/`` on a board there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts import environment
from scripts.arguments import add_environment
from scripts.output import Output
from scripts.queries import files

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Put Honeycomb's queries of queries/ on a board there; run again, it is brought up to date."


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, the data set and the form of the result."""
    add_environment(parser)
    parser.add_argument("--dataset", default="", help="Honeycomb's data set (default: the environment's)")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Make the board, or bring it up to date, and tell where it is."""
    output = Output(document=arguments.format == "json")
    queries = files.load().values()
    ours = [query for query in queries if isinstance(query, files.HoneycombQuery)]
    filters = [query for query in queries if isinstance(query, files.XRayQuery)]
    # Here, for a wrong file is told before anything else is loaded.
    from scripts.honeycomb.place import connect
    from scripts.queries import board

    opened = environment.load(arguments.env)
    with output.step("Honeycomb is asked"):
        place = connect(opened, output, arguments.dataset)
        made = board.keep(place, ours, filters)
    if arguments.format == "json":
        document = {
            "id": made.id,
            "url": made.url,
            "did": made.did,
            "dataset": place.slug,
            "panels": made.panels,
        }
        output.document(json.dumps(document, indent=2) + "\n")
    else:
        for query in ours:
            output.say(f"  {query.title}")
    new = f", {made.new_queries} of them new" if made.new_queries else ""
    output.summary(
        f"board {arguments.env}: {made.did}, {len(made.panels)} queries{new}: {made.url or made.id}"
    )
    return 0
