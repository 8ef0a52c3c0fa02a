"""``query``: one of the queries in ``queries/``, run at Honeycomb or X-Ray and drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from scripts import environment, session
from scripts.arguments import add_environment, duration
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.queries import files, specification

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

SUMMARY = "Run one of the queries in queries/ and draw what comes of it; without a name, list them."
TRACES_MAX = 1000
TRACES_SHOWN = 30
SINCE_SECONDS = {
    "Honeycomb": (specification.TIME_RANGE_MIN_SECONDS, specification.TIME_RANGE_MAX_SECONDS),
    "X-Ray": (1, files.XRAY_RANGE_MAX_SECONDS),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add which query, over what, and how to show it."""
    add_environment(parser)
    parser.add_argument("--name", default="", help="the query's name (default: list them)")
    parser.add_argument("--since", type=duration, help="how far back (default: as the query says)")
    parser.add_argument("--user", default="", help="whose traces, for the query that takes a user")
    parser.add_argument("--dataset", default="", help="Honeycomb's data set (default: the environment's)")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(arguments: Namespace) -> int:
    """Run the query and draw it, or list what there is."""
    output = Output(document=arguments.format == "json")
    queries = files.load()
    if not arguments.name:
        return _list(queries, arguments, output)
    query = files.find(queries, arguments.name)
    _check_since(query, arguments.since)
    if isinstance(query, files.XRayQuery):
        return _xray(query, arguments, output)
    return _honeycomb(query, arguments, output)


def _list(queries: Mapping[str, files.Query], arguments: Namespace, output: Output) -> int:
    if arguments.format == "json":
        from scripts.queries import documents

        output.document(documents.listing(queries))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for head in ("NAME", "asks", "for"):
            table.add_column(head, overflow="fold", no_wrap=head != "for")
        for query in queries.values():
            table.add_row(query.name, query.service, Text(query.description))
        output.show(table)
    output.summary(f"query: {len(queries)} queries; run one with `make query NAME=<name>`")
    return 0


def _check_since(query: files.Query, since: int | None) -> None:
    low, high = SINCE_SECONDS[query.service]
    if since is not None and not low <= since <= high:
        raise OperatorError(
            f"SINCE is {since} s, and {query.service} looks back over {low} s to {high // 86400} days",
            remedy="set it within that, as in SINCE=10m",
        )


def _honeycomb(query: files.HoneycombQuery, arguments: Namespace, output: Output) -> int:
    if arguments.user:
        raise OperatorError(f"{query.name} takes no USER", remedy="leave it out, or use NAME=user")
    # Here and below, for listing needs none of it and each asks one service only.
    from scripts.honeycomb.place import connect
    from scripts.queries import documents, drawing, running
    from scripts.traces.times import Range

    opened = environment.load(arguments.env)
    with output.step("Honeycomb is asked"):
        place = connect(opened, output, arguments.dataset)
        found = running.run(place, query, arguments.since)
    if arguments.format == "json":
        output.document(documents.honeycomb(query, place.slug, found))
    else:
        for part in drawing.draw(query, found):
            output.show(part)
        if "trace.trace_id" in found.breakdowns and found.rows:
            output.say("`make traces TRACE=<id>` shows one of them")
        if found.url and not opened.is_local:
            output.say(found.url)
    window = Range(found.begin, found.end)
    groups = "1 row" if len(found.rows) == 1 else f"{len(found.rows)} rows"
    output.summary(f"query {arguments.env}: {query.name}: {groups} of {place.slug} in {window}")
    return 0


def _xray(query: files.XRayQuery, arguments: Namespace, output: Output) -> int:
    if arguments.dataset:
        raise OperatorError(f"{query.name} asks X-Ray, which has no data sets", remedy="leave DATASET out")
    from scripts.aws import clients
    from scripts.queries import checking, documents, filters
    from scripts.traces import reading
    from scripts.traces.listing import TraceLines, took
    from scripts.traces.times import Range

    text = filters.expression(query, arguments.user)
    opened = session.begin(arguments.env, "xray", output)
    seconds = arguments.since or query.time_range
    now = datetime.now(UTC)
    asked = Range(now - timedelta(seconds=seconds), now)
    client = clients(opened.caller.region).xray()
    with output.step("X-Ray is asked"):
        found = reading.newest(client, asked, filter_expression=text, limit=TRACES_MAX)
    if arguments.format == "json":
        output.document(documents.xray(query, text, found.traces))
    elif found.traces:
        longest = max((took(one) or 0.0 for one in found.traces), default=0.0)
        output.show(TraceLines(found.traces[:TRACES_SHOWN], longest, links=lambda _: {}))
        if len(found.traces) > TRACES_SHOWN:
            output.say(f"and {len(found.traces) - TRACES_SHOWN} older; FORMAT=json has them")
    window = Range(max(asked.begin, found.looked_from), asked.end)
    count = f"the newest {len(found.traces)} of " if found.more else ""
    earlier = ", those before not looked at" if window.begin > asked.begin else ""
    output.summary(
        f"query {arguments.env}: {query.name}: {count}{len(found.traces) + found.more} traces in {window}"
        f"{earlier}: {checking.around(text)}"
    )
    return 0
