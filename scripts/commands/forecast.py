"""``forecast``: what the rules will sample of given traffic, what they won't see, and what it will cost."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import environment
from scripts.arguments import add_environment, number
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.terragrunt.render import render

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from scripts.forecast.result import Result

SUMMARY = (
    "Forecast what the sampling rules will sample of given traffic, and what X-Ray and Honeycomb charge."
)
FORMATS = ("table", "json", "markdown")
WORKERS_MAX = 4096
UNIT = "xray"
# What gunicorn.conf.py takes where nothing is set (docs/settings.md).
WORKERS_VARIABLE, WORKERS_DEFAULT = "GUNICORN_WORKERS", 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add the traffic, who serves it, what the traffic doesn't tell, the limits, and the report's form."""
    add_environment(parser)
    traffic = parser.add_mutually_exclusive_group()
    traffic.add_argument("--traffic", help="an access log, a CSV or rates as JSON; - for standard input")
    traffic.add_argument("--routes", help="rates by route: GET /api/activities/home=20/s, ...")
    workers = number(WORKERS_MAX, whole=True, least=1)
    parser.add_argument("--workers", type=workers, help="of all tasks (default: tasks x GUNICORN_WORKERS)")
    parser.add_argument("--tasks", type=workers, default=1, help="default: 1")
    parser.add_argument("--service", default="", help="default: the one that the group's filter names")
    parser.add_argument("--service-type", default="", help="as AWS::ECS::Container; default: not known")
    parser.add_argument("--host", default="", help="the host of requests whose log doesn't tell it")
    parser.add_argument("--spans", type=number(1e6), default=2.0, help="spans of a trace (default: 2)")
    parser.add_argument(
        "--events", type=number(1e6), default=0.1, help="span events and links of a trace (default: 0.1)"
    )
    parser.add_argument("--queries", type=number(1e9), default=100.0, help="of X-Ray, a day (default: 100)")
    parser.add_argument("--prices", default="", help="another file of prices")
    parser.add_argument("--budget", type=number(1e12), help="a month's most, both sinks")
    parser.add_argument("--blind", type=number(1e6, whole=True), help="how many blind spots are allowed")
    parser.add_argument("--out", default="", help="where to write the picture (SVG)")
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: Namespace) -> int:
    """Forecast: 0, or 1 where the proposed rules exceed BUDGET or leave more blind spots than BLIND.

    Raises OperatorError where the traffic, the prices or the configuration can't be read.
    """
    output = Output(document=arguments.format != "table")
    _refuse_early(arguments)
    opened = environment.load(arguments.env)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(render, opened, [UNIT])
        # Loaded while Terragrunt renders: boto3 takes as long as that does.
        from scripts.aws import make_ready
        from scripts.forecast import document, picture, report, words
        from scripts.forecast.making import make

        make_ready(opened.variables, "sts", "xray")
        unit = waiting.result()[UNIT]
    with output.step("forecast: reading the traffic"):
        result = make(arguments, opened, unit, workers=_workers(arguments))
    if arguments.out:
        title = f"{result.environment}: what the proposed rules sample"
        before = None if result.applied is None else result.applied.forecast
        _write(arguments.out, picture.to_svg(result.proposed.forecast, title, before))
    if arguments.format == "table":
        report.show(result, output)
    else:
        is_json = arguments.format == "json"
        output.document(document.to_json(result) if is_json else report.to_markdown(result))
    if arguments.out:
        output.say(f"forecast: the picture is in {arguments.out}")
    good = _is_good(result)
    output.summary(words.summary(result), good=good)
    return 0 if good else 1


def _is_good(result: Result) -> bool:
    return not result.is_over_budget and not result.is_too_blind


def _refuse_early(arguments: Namespace) -> None:
    """Refuse what can't be done before anything slow is begun."""
    if not arguments.traffic and not arguments.routes:
        raise OperatorError("no traffic is given", remedy="give TRAFFIC=<file>, or ROUTES=<rates by route>")
    if arguments.traffic and arguments.traffic != "-" and not Path(arguments.traffic).exists():
        raise OperatorError(f"{arguments.traffic} is not there", remedy="give TRAFFIC a file that is")
    if arguments.out and not Path(arguments.out).absolute().parent.is_dir():
        raise OperatorError(
            f"there is no folder for {arguments.out}", remedy="make it, or choose another OUT"
        )


def _workers(arguments: Namespace) -> int:
    """Return the number of workers: as given, or tasks times what gunicorn would start."""
    if arguments.workers is not None:
        return int(arguments.workers)
    given = os.environ.get(WORKERS_VARIABLE, "").strip()
    if given and not (given.isdecimal() and 1 <= int(given) <= 256):
        raise OperatorError(
            f"{WORKERS_VARIABLE} is {given[:40]!r}, expected 1 to 256", remedy="correct it or give WORKERS"
        )
    return int(arguments.tasks) * int(given or WORKERS_DEFAULT)


def _write(place: str, text: str) -> None:
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(
            f"{place} can't be written ({error.strerror})", remedy="choose another OUT"
        ) from error
