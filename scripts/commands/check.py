"""``check``: will the configuration, and what a plan would leave, do what is meant. Asks nobody."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from scripts import filters
from scripts.arguments import add_environment, number
from scripts.output import Output
from scripts.terragrunt import units
from scripts.terragrunt.render import render
from scripts.verify import report

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from scripts.verify.check import Result

SUMMARY = "Check, before anything is applied, what the configuration and a plan will do. Asks nobody."
WORDS = {"pass": "passed", "fail": "failed", "skip": "skipped"}
WORKERS_MAX = 4096


def add_arguments(parser: ArgumentParser) -> None:
    """Add the environment, plans, what is known of the backend and its traffic, and the report's form."""
    add_environment(parser)
    parser.add_argument("--plan", default="", help="what `terraform show -json` printed: files, or a folder")
    parser.add_argument("--destroy", action="store_true", help="what the plan destroys is meant to be")
    traffic = parser.add_mutually_exclusive_group()
    traffic.add_argument("--traffic", default="", help="as forecast takes it: an access log, a CSV, rates")
    traffic.add_argument("--routes", default="", help="rates by route: GET /api/activities/home=20/s, ...")
    rate = number(1e6)
    parser.add_argument("--rate", type=rate, default=100.0, help="requests a second, at most (default: 100)")
    workers = number(WORKERS_MAX, whole=True, least=1)
    parser.add_argument("--workers", type=workers, default=2, help="of all tasks (default: 2)")
    parser.add_argument("--budget", type=number(1e12), help="a month's most, both sinks")
    parser.add_argument("--service-type", default="", help="as AWS::ECS::Container; default: not known")
    parser.add_argument("--host", default="", help="what requests are for; default: not known")
    parser.add_argument("--format", choices=report.FORMATS, default="table")


def run(arguments: Namespace) -> int:
    """Check: 0 where no check failed, 1 where one did.

    Raises OperatorError where the configuration can't be rendered, or a plan or the traffic can't be read.
    """
    output = Output(document=arguments.format != "table")
    began = time.monotonic()
    # Not at the top: the environment, and with it what is imported, is the caller's until now.
    from scripts.check import plan_file, surroundings

    plans = plan_file.read_all(arguments.plan) if arguments.plan else []
    opened = surroundings.load(arguments.env)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(render, opened, units.selected(opened, ""))
        # Loaded while Terragrunt renders.
        from scripts.check import cost, engine

        filters.load()
        rendered = waiting.result()
    terms = cost.Terms(
        traffic=arguments.traffic,
        routes=arguments.routes,
        rate=arguments.rate,
        workers=int(arguments.workers),
        budget=arguments.budget,
    )
    results = engine.run(
        rendered,
        plans,
        service_type=arguments.service_type,
        host=arguments.host,
        terms=terms,
        may_destroy=arguments.destroy,
    )
    _print(output, arguments, results, seconds=time.monotonic() - began)
    counted = report.counts(results)
    said = ", ".join(f"{counted[status]} {word}" for status, word in WORDS.items())
    output.summary(f"check {arguments.env}: {said}", good=counted["fail"] == 0)
    return 1 if counted["fail"] else 0


def _print(output: Output, arguments: Namespace, results: Sequence[Result], *, seconds: float) -> None:
    if arguments.format == "json":
        output.document(report.to_json(arguments.env, results))
    elif arguments.format == "junit":
        output.document(report.to_junit(arguments.env, results, seconds=seconds, name="check"))
    elif arguments.format == "markdown":
        output.document(report.to_markdown(arguments.env, results, title="Check"))
    else:
        output.show(report.to_table(results))
