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
from scripts.verify.loaded import options
from scripts.verify.printable import printable

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from scripts.verify.check import Result
    from scripts.verify.loaded.ways import Row

SUMMARY = "Check that AWS and Honeycomb have exactly what the configuration asks for."
WORDS = {"pass": "passed", "fail": "failed", "skip": "skipped"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment and the report's format."""
    add_environment(parser)
    parser.add_argument("--format", choices=report.FORMATS, default="table")
    options.add_arguments(parser)
    parser.add_argument("--probe", action="store_true", help="send a request that is sampled for certain")


def run(arguments: Namespace) -> int:
    """Verify: 0 where every check passed, 1 where one did not.

    Without credentials, in the wrong account or region, the report says so and the command answers 2.
    """
    output = Output(document=arguments.format != "table")
    request = options.read(arguments)
    began = time.monotonic()
    opened = environment.load(arguments.env)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(render, opened, units.selected(opened, ""))
        # Loaded while Terragrunt renders: boto3 and requests take as long as that does.
        from scripts.aws import clients, make_ready
        from scripts.verify import plan, surroundings
        from scripts.verify.loaded import run as loaded

        make_ready(opened.variables, "sts", "ssm", "xray", "logs", "s3")
        filters.load()
        rendered = waiting.result()
    target = next(iter(rendered.values())).target
    results, problem = surroundings.check(opened, target)
    rows: list[Row] = []
    if problem is None:
        results += plan.run(opened.name, rendered, clients(target.region), opened.variables)
        if request is not None:
            three_ways = loaded.run(opened.name, rendered, clients(target.region), request)
            results += three_ways.results
            rows = three_ways.rows
        if arguments.probe:
            from scripts.verify.probe.run import Surroundings
            from scripts.verify.probe.run import run as send_probe

            caller = next(result.actual for result in results if result.id == "credentials")
            around = Surroundings(opened, rendered, clients(target.region), output, caller)
            results += send_probe(around, arguments.backend)
    results = [printable(result) for result in results]
    _print(output, arguments, results, seconds=time.monotonic() - began)
    if rows and arguments.format == "table":
        from scripts.verify.loaded import drawing

        output.show(drawing.to_table(rows))
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
    elif arguments.format == "markdown":
        output.document(report.to_markdown(arguments.env, results))
    else:
        output.show(report.to_table(results))
