"""``parity``: requests of every kind, and whether X-Ray and Honeycomb have the same of all of them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scripts.errors import OperatorError
from scripts.output import Output
from scripts.parity import report
from scripts.parity.run import run as run_parity
from scripts.parity.stored import stored

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from scripts.parity.run import Result

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


def address(text: str) -> str:
    """Return a backend's URL. Raises ArgumentTypeError where it is none."""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme == "http" and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        is_address = False
    if not is_address or parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise ArgumentTypeError(f"{text!r} is no backend's URL: expected one as http://127.0.0.1:4567")
    return text


def add_arguments(parser: ArgumentParser) -> None:
    """Add how much is sent, or what is read instead, and the form of the result; it is always local."""
    parser.add_argument("--env", choices=("local",), default="local", help="local only")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--requests", type=requests, default=REQUESTS, help=f"default: {REQUESTS}")
    what.add_argument(
        "--stored", action="store_true", help="send nothing: compare what the cloud of `make local-up` has"
    )
    parser.add_argument(
        "--backend", type=address, help="with --stored: the URL of the backend that recorded it"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Run, show and tell: 0 where all is equal and accounted for, else 1.

    Raises OperatorError where a backend is named and a run of its own is asked for.
    """
    output = Output(document=arguments.format == "json")
    if arguments.stored:
        output.say("parity: what the local cloud has by now")
        result = stored(output, arguments.backend)
    elif arguments.backend:
        raise OperatorError(
            "--backend goes with --stored: a run starts a backend of its own", remedy="add --stored"
        )
    else:
        output.say(f"parity: {arguments.requests} requests to a backend on a local cloud of its own")
        result = run_parity(arguments.requests, output)
    _show(result, output, is_document=arguments.format == "json")
    output.summary(f"parity local: {report.summary(result)}", good=result.is_good)
    return 0 if result.is_good else 1


def _show(result: Result, output: Output, *, is_document: bool) -> None:
    if is_document:
        output.document(report.to_json(result))
    else:
        if result.accounts:
            output.show(report.accounts_table(result))
        if result.differences:
            output.show(report.differences_table(result))
    if result.differences:
        output.say(f"differences: {report.kinds(result)}", style="red")
    recorded = {one.recorded for one in result.accounts}
    if result.logged is not None and result.logged not in recorded:
        told = ", ".join(map(str, recorded))
        output.say(
            f"the workers' counters say {told} recorded, their last log lines {result.logged}", style="red"
        )
    if any("dropped_by_kernel" in (one.on_the_way or {}) for one in result.accounts):
        output.say(_BUFFER, style="red")
