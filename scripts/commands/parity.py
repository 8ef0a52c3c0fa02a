"""``parity``: requests of every kind, and whether X-Ray and Honeycomb have the same of all of them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from scripts.output import Output
from scripts.parity import report
from scripts.parity.run import run as run_parity

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY = "Compare what X-Ray and Honeycomb have of the same spans, on a local cloud of its own."
REQUESTS = 10_000
REQUESTS_MAX = 15_000

_BUFFER = (
    "the kernel dropped documents at the daemon's UDP port, whose buffer it keeps small: allow a larger one"
    " with `sysctl -w net.core.rmem_max=8388608`, or send fewer requests"
)


def requests(text: str) -> int:
    """Return a number of requests. Raises ArgumentTypeError where it is none, or beyond what is kept."""
    if not text.isdecimal() or not 1 <= int(text) <= REQUESTS_MAX:
        raise ArgumentTypeError(
            f"{text!r} is no number of requests: expected 1 to {REQUESTS_MAX}, which the local cloud can hold"
        )
    return int(text)


def add_arguments(parser: ArgumentParser) -> None:
    """Add how much is sent and the form of the result; it is always local."""
    parser.add_argument("--env", choices=("local",), default="local", help="local only")
    parser.add_argument("--requests", type=requests, default=REQUESTS, help=f"default: {REQUESTS}")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Run, show and tell: 0 where all is equal and accounted for, else 1."""
    output = Output(document=arguments.format == "json")
    output.say(f"parity: {arguments.requests} requests to a backend on a local cloud of its own")
    result = run_parity(arguments.requests, output)
    if arguments.format == "json":
        output.document(report.to_json(result))
    else:
        output.show(report.accounts_table(result))
        if result.differences:
            output.show(report.differences_table(result))
    if result.differences:
        output.say(f"differences: {report.kinds(result)}", style="red")
    recorded = result.accounts[0].recorded
    if result.logged != recorded:
        output.say(
            f"the workers' counters say {recorded} recorded, their last log lines {result.logged}",
            style="red",
        )
    if any("dropped_by_kernel" in (one.on_the_way or {}) for one in result.accounts):
        output.say(_BUFFER, style="red")
    compared = result.comparison
    output.summary(
        f"parity local: {result.requests} requests, {compared.traces} traces, {compared.spans} spans:"
        f" {compared.equal} equal, {compared.different} different, {result.unaccounted} unaccounted",
        good=result.is_good,
    )
    return 0 if result.is_good else 1
