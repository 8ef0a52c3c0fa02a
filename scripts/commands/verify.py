"""``verify``: is what AWS and Honeycomb have what the configuration asks for."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts import environment, filters
from scripts.arguments import add_environment
from scripts.output import Output
from scripts.terragrunt import units
from scripts.terragrunt.render import render
from scripts.verify import report

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from scripts.verify.check import Result

SUMMARY = "Check that AWS and Honeycomb have exactly what the configuration asks for."
WORDS = {"pass": "passed", "fail": "failed", "skip": "skipped"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment and the report's format."""
    add_environment(parser)
    parser.add_argument("--format", choices=report.FORMATS, default="table")


def run(arguments: Namespace) -> int:
    """Verify: 0 where every check passed, 1 where one did not.

    Without credentials, in the wrong account or region, the report says so and the command answers 2.
    """
    output = Output(document=arguments.format != "table")
    began = time.monotonic()
    opened = environment.load(arguments.env)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(render, opened, units.selected(opened, ""))
        # Loaded while Terragrunt renders: boto3 and requests take as long as that does.
        from scripts.aws import clients, make_ready
        from scripts.verify import plan, surroundings

        make_ready(opened.variables, "sts", "ssm", "xray", "logs")
        filters.load()
        rendered = waiting.result()
    target = next(iter(rendered.values())).target
    results, problem = surroundings.check(opened, target)
    if problem is None:
        results += plan.run(opened.name, rendered, clients(target.region))
    _print(output, arguments, results, seconds=time.monotonic() - began)
    if problem is not None:
        raise problem
    counted = report.counts(results)
    good = counted["pass"] == len(results)
    said = ", ".join(f"{counted[status]} {word}" for status, word in WORDS.items())
    output.summary(f"verify {arguments.env}: {said}", good=good)
    return 0 if good else 1


def _print(output: Output, arguments: Namespace, results: Sequence[Result], *, seconds: float) -> None:
    if arguments.format == "json":
        output.document(report.to_json(arguments.env, results))
    elif arguments.format == "junit":
        output.document(report.to_junit(arguments.env, results, seconds=seconds))
    else:
        output.show(report.to_table(results))
