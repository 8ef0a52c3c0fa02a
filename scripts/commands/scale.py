"""``scale``: what any number of tasks samples, needs and costs, on paper and by simulation. Asks nobody."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.arguments import number
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.scale.load import TASKS, Load

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Reckon what a number of tasks samples, needs and costs, and which limits it passes."
FORMATS = ("table", "json", "markdown")
TASKS_MAX, NUMBERS_MAX = 5000, 20
WORKERS_VARIABLE = "GUNICORN_WORKERS"


def tasks(text: str) -> tuple[int, ...]:
    """Return the numbers of tasks in *text*, each once, smallest first: ``1,10,1000``.

    Raises ArgumentTypeError where it is no list of whole numbers from 1 to 5000.
    """
    words = [word.strip() for word in text.split(",")]
    good = all(word.isascii() and word.isdecimal() and len(word) <= 4 and int(word) >= 1 for word in words)
    found = sorted({int(word) for word in words}) if good else []
    if not found or found[-1] > TASKS_MAX or len(found) > NUMBERS_MAX:
        raise ArgumentTypeError(
            f"{text[:40]!r}: expected up to {NUMBERS_MAX} whole numbers from 1 to {TASKS_MAX}, as 1,10,1000"
        )
    return tuple(found)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the tasks, the traffic of one, the rule, what a trace is, and the report's form."""
    usual = Load()
    share = number(1)
    parser.add_argument("--tasks", type=tasks, default=TASKS, help="numbers of tasks (default: 1 to 1000)")
    parser.add_argument(
        "--rate",
        type=number(10_000, least=0.001),
        default=usual.requests_per_second,
        help="requests a second and task (default: 1000 a minute)",
    )
    parser.add_argument("--reservoir", type=number(100_000, whole=True), default=usual.reservoir)
    parser.add_argument("--fixed-rate", type=share, default=usual.fixed_rate)
    parser.add_argument("--spans", type=number(1e4, least=1), default=usual.spans, help="of a trace")
    parser.add_argument("--events", type=number(1e4), default=usual.events, help="of a trace")
    parser.add_argument("--errors", type=share, default=usual.errors, help="the share that fails")
    parser.add_argument("--slow", type=share, default=usual.slow, help="the share that takes long")
    parser.add_argument(
        "--seconds", type=number(3600, whole=True), default=0, help="to simulate (default: 0)"
    )
    parser.add_argument("--prices", default="", help="another file of AWS's prices")
    parser.add_argument("--format", choices=FORMATS, default="table")


def run(arguments: Namespace) -> int:
    """Reckon: 0.

    Raises OperatorError where the prices or GUNICORN_WORKERS can't be taken, or too much is to be simulated.
    """
    output = Output(document=arguments.format != "table")
    load = Load(
        requests_per_second=arguments.rate,
        workers=_workers(),
        spans=arguments.spans,
        events=arguments.events,
        reservoir=int(arguments.reservoir),
        fixed_rate=arguments.fixed_rate,
        errors=arguments.errors,
        slow=arguments.slow,
    )
    from scripts.forecast import prices as sinks
    from scripts.scale import prices, report
    from scripts.scale.bill import Tariff
    from scripts.scale.result import DRAWN_MAX, reckon

    most = max(arguments.tasks) * load.requests_per_second
    if arguments.seconds and most > DRAWN_MAX:
        raise OperatorError(
            f"a second of {max(arguments.tasks)} tasks has {most:,.0f} requests, at most {DRAWN_MAX:,} are"
            " drawn",
            remedy="lower TASKS or RATE, or leave SIMULATE out",
        )

    sink_prices = sinks.load()
    file = Path(arguments.prices) if arguments.prices else prices.FILE
    tariff = Tariff(prices.load(sink_prices.currency, file), sink_prices)
    with output.step("scale: reckoning"):
        result = reckon(arguments.tasks, load, tariff, int(arguments.seconds))
    if arguments.format == "table":
        report.show(result, output)
    else:
        is_json = arguments.format == "json"
        output.document(report.to_json(result) if is_json else report.to_markdown(result))
    output.summary(report.summary(result))
    return 0


def _workers() -> int:
    """Return the workers of a task: as gunicorn would start them."""
    given = os.environ.get(WORKERS_VARIABLE, "").strip()
    if given and not (given.isascii() and given.isdecimal() and len(given) <= 4 and 1 <= int(given) <= 256):
        raise OperatorError(f"{WORKERS_VARIABLE} is {given[:40]!r}, expected 1 to 256", remedy="correct it")
    return int(given or Load().workers)
