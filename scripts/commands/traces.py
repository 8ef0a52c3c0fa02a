"""``traces``: what X-Ray has: a list, one trace as a waterfall, the service graph."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scripts import secrets, session
from scripts.arguments import add_environment, duration
from scripts.aws import clients
from scripts.errors import OperatorError
from scripts.honeycomb import key
from scripts.output import Output
from scripts.traces import expressions, links, reading, times
from scripts.traces.following import show_following
from scripts.traces.views import View, show_graph, show_list, show_trace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from scripts.session import Session

SUMMARY = "Show what X-Ray has: recent traces, one trace as a waterfall, or the service graph."
LIMITS = {"table": 20, "json": 1000}
LIMIT_MAX = 10_000

# What each view takes beside ENV and FORMAT.
_TAKES = {
    "TRACE": {"next", "after"},
    "GRAPH": {"since", "from", "until", "group"},
    "FOLLOW": {"filter", "since", "group", "limit"},
    "the list": {"filter", "since", "from", "until", "group", "limit"},
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to look at and how to show it."""
    add_environment(parser)
    parser.add_argument("--since", type=duration, help="how far back (default: 10m)")
    parser.add_argument("--from", default="", help="from this time on, RFC 3339")
    parser.add_argument("--until", default="", help="up to this time, RFC 3339 (default: now)")
    parser.add_argument("--filter", default="", help="an X-Ray filter expression")
    parser.add_argument("--group", default="", help="an X-Ray group's name: its traces alone")
    parser.add_argument("--limit", type=_limit, help="list so many traces (default: 20; json: 1000)")
    parser.add_argument("--trace", default="", help="one trace's id: show its waterfall")
    parser.add_argument("--next", choices=("error",), help="jump to the trace's first failing span")
    parser.add_argument("--after", default="", help="... to the first one behind this span")
    parser.add_argument("--graph", action="store_true", help="show the service graph")
    parser.add_argument("--follow", action="store_true", help="show new traces as they come")
    parser.add_argument("--format", choices=tuple(LIMITS), default="table")


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= LIMIT_MAX:
        raise ArgumentTypeError(f"{text!r} is no limit: expected 1 to {LIMIT_MAX}")
    return int(text)


def run(arguments: Namespace) -> int:
    """Show what was asked for."""
    given = vars(arguments)
    _check_together(arguments)
    # what can be told wrong without anybody being asked comes first
    trace_id = reading.normal_trace_id(arguments.trace) if arguments.trace else ""
    asked = times.asked(arguments.since, given["from"], arguments.until, datetime.now(UTC))
    expression = expressions.expression(arguments.filter, arguments.group)
    output = Output(document=arguments.format == "json")
    opened = session.begin(arguments.env, "", output)
    view = View(
        arguments.env,
        clients(opened.caller.region).xray(),
        output,
        _links(opened),
        json=arguments.format == "json",
    )
    limit = arguments.limit or LIMITS[arguments.format]
    if trace_id:
        show_trace(view, trace_id, jump=arguments.next is not None, after=arguments.after)
    elif arguments.graph:
        show_graph(view, asked, arguments.group)
    elif arguments.follow:
        show_following(view, asked, expression, limit)
    else:
        show_list(view, asked, expression, limit)
    return 0


def _check_together(arguments: Namespace) -> None:
    """Raise OperatorError where something is asked for that the view would pass over."""
    given = {name for name, value in vars(arguments).items() if value and name not in ("env", "format")}
    views = [name for name in ("TRACE", "GRAPH", "FOLLOW") if name.lower() in given]
    if len(views) > 1:
        raise OperatorError(f"{' and '.join(views)} are different views", remedy="ask for one at a time")
    view = views[0] if views else "the list"
    passed_over = sorted(name.upper() for name in given - _TAKES[view] - {view.lower()})
    if passed_over:
        takes = ", ".join(sorted(name.upper() for name in _TAKES[view]))
        raise OperatorError(f"{view} takes no {' and no '.join(passed_over)}", remedy=f"it takes {takes}")
    if arguments.after and not arguments.next:
        raise OperatorError("AFTER says where to go on, not to what", remedy="add NEXT=error")


def _links(opened: Session) -> links.Links:
    """Return where the environment's traces can be looked at; what can't be learned is told once."""
    if opened.environment.is_local:
        return links.Links(local_honeycomb=opened.environment.variables.get("HONEYCOMB_API_ENDPOINT", ""))
    found = links.console(opened.caller.region, opened.caller.arn)
    unit = opened.units.get("honeycomb")
    endpoint = str(unit.inputs.get("endpoint", "")) if unit is not None else ""
    given, address = secrets.to_ask_with(local=False), links.ui_of(endpoint)
    if given is None or not address:
        return found
    try:
        place = links.place_of(endpoint, given[1], address)
        key.require_environment(place.environment, opened.any_unit.target.settings)
        return found.with_honeycomb(place)
    except OperatorError as error:
        opened.output.say(str(error))
        return found
