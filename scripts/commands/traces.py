"""``traces``: what X-Ray has: a list, one trace as a waterfall, the service graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import session
from scripts.arguments import add_environment, duration
from scripts.aws import clients
from scripts.output import Output
from scripts.traces import reading, report, trees
from scripts.waterfall import draw, walk, window

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from mypy_boto3_xray import XRayClient

SUMMARY = "Show what X-Ray has: recent traces, one trace as a waterfall, or the service graph."


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to look at and how to show it."""
    add_environment(parser)
    parser.add_argument("--since", type=duration, default=600, help="how far back (default: 10m)")
    parser.add_argument("--filter", default="", help="an X-Ray filter expression")
    parser.add_argument("--trace", default="", help="one trace's id: show its waterfall")
    parser.add_argument("--graph", action="store_true", help="show the service graph")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Show what was asked for."""
    output = Output(document=arguments.format == "json")
    opened = session.begin(arguments.env, "", output)
    client = clients(opened.caller.region).xray()
    if arguments.trace:
        return _one(client, arguments, output)
    if arguments.graph:
        return _graph(client, arguments, output)
    return _list(client, arguments, output)


def _one(client: XRayClient, arguments: Namespace, output: Output) -> int:
    trace_id = reading.normal_trace_id(arguments.trace)
    documents = reading.documents(client, trace_id)
    roots = trees.from_documents(documents)
    if arguments.format == "json":
        output.document(report.to_json({"trace_id": trace_id, "segments": documents}))
    else:
        output.show(draw(roots))
    begin, end = window(roots)
    spans = sum(1 for _ in walk(roots))
    output.summary(f"traces {arguments.env}: {trace_id}, {spans} spans, {(end - begin) * 1000:.1f} ms")
    return 0


def _graph(client: XRayClient, arguments: Namespace, output: Output) -> int:
    services = reading.service_graph(client, since_seconds=arguments.since)
    if arguments.format == "json":
        output.document(report.to_json({"services": services}))
    elif services:
        output.show(report.graph_table(services))
    output.summary(f"traces {arguments.env}: {len(services)} services in the last {arguments.since} s")
    return 0


def _list(client: XRayClient, arguments: Namespace, output: Output) -> int:
    found = reading.summaries(client, since_seconds=arguments.since, filter_expression=arguments.filter)
    if arguments.format == "json":
        output.document(report.to_json({"traces": found}))
    elif found:
        output.show(report.summary_table(found))
    asked = f" that match {arguments.filter}" if arguments.filter else ""
    output.summary(f"traces {arguments.env}: {len(found)} in the last {arguments.since} s{asked}")
    return 0
