"""What was read request by request becomes traffic, with what is to be said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.errors import OperatorError
from scripts.forecast.traffic import DAY_SECONDS, Reading, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.forecast.classes import Classes
    from scripts.forecast.seconds import Seconds

GAP_SHARE = 0.5
DAY_SHARE = 0.95
FORMS = (
    "an access log (common, combined, gunicorn's, a load balancer's), a CSV with timestamp, method, path, or"
    " with route, requests_per_second, or rates as JSON"
)


def observed(source: str, seconds: Seconds, reading: Reading, classes: Classes) -> Traffic:
    """Return what was read second by second as traffic, with what is to be said about it.

    Raises OperatorError where nothing was read.
    """
    seconds.close()
    for _, pairs in seconds:
        for number, count in zip(pairs[::2], pairs[1::2], strict=True):
            classes.met[number].requests += count
    if seconds.first is None:
        broken = f"{reading.broken} are broken, the first is {_first(reading)}" if reading.broken else ""
        aside = "; ".join(f"{count} {reason}" for reason, count in sorted(reading.aside.items()))
        why = "; ".join(filter(None, (broken, aside))) or "none is one"
        raise OperatorError(
            f"{source}: no request is left of {reading.lines} lines: {why}", remedy=f"give {FORMS}"
        )
    duration = seconds.last - seconds.first + 1
    traffic = Traffic(source, classes.met, duration, seconds, reading)
    traffic.notes += list(_notes(traffic, seconds, classes))
    return traffic


def _first(reading: Reading) -> str:
    return f"line {reading.broken_lines[0]}" if reading.broken_lines else "unknown"


def _notes(traffic: Traffic, seconds: Seconds, classes: Classes) -> Iterator[str]:
    reading = traffic.reading
    if reading.broken:
        named = ", ".join(str(number) for number in reading.broken_lines)
        more = ", ..." if reading.broken > len(reading.broken_lines) else ""
        yield f"{reading.broken} of {reading.lines} lines are broken and were left out: line {named}{more}"
    for reason, count in sorted(reading.aside.items()):
        yield f"{count} lines were left aside: {reason}"
    if seconds.late:
        yield (
            f"{seconds.late} requests came far out of order; each counts as in a second of its own, so that"
            " the reservoirs' part may be too high: sort the log by time"
        )
    if classes.folded:
        yield f"more than {len(classes.met)} routes: requests to further paths are taken as one route"
    if traffic.duration < DAY_SHARE * DAY_SECONDS:
        yield (
            f"the log covers {shown_duration(traffic.duration)}: a day and a month are reckoned as if it were"
            " always so"
        )
    begin, end = seconds.longest_gap
    if traffic.duration > 3600 and end - begin > GAP_SHARE * traffic.duration:
        yield (
            f"for {shown_duration(end - begin)} of {shown_duration(traffic.duration)} the log has no request:"
            " is a time in it wrong?"
        )


def shown_duration(seconds: int) -> str:
    """Return a duration as a person says it: ``42 s``, ``12 min``, ``3.5 h``, ``2.0 days``."""
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    return f"{seconds / 3600:.1f} h" if seconds < 2 * DAY_SECONDS else f"{seconds / DAY_SECONDS:.1f} days"
