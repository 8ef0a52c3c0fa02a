"""Which traces a range of time asks for, as SQL over the row `t`, and what bounded columns can tell of it."""

import math
from typing import NamedTuple

from localcloud.aws.xray.store.parts import Bounds
from localcloud.aws.xray.store.sql import Sql


class Window(NamedTuple):
    """A condition on traces, and the bounds within which all that meet it are."""

    condition: Sql
    bounds: Bounds


def by_trace_id(start: float, end: float) -> Window:
    """Return the traces whose id's second is from `start` to before `end` (epoch seconds)."""
    first, behind = math.ceil(start), math.ceil(end)
    return Window(
        Sql("t.id_time >= ? AND t.id_time < ?", (first, behind)),
        Bounds({"id_time": first}, {"id_time": behind}),
    )


def by_event(start: float, end: float) -> Window:
    """Return the traces that were going on at some time from `start` to `end`."""
    return Window(
        Sql("t.end_time >= ? AND t.start_time <= ?", (start, end)),
        Bounds({"end_time": start}, {"start_time": end}),
    )


def by_segment_end(start: float, end: float) -> Window:
    """Return the traces one of whose segments ended from `start` to before `end`."""
    going_on, bounds = by_event(start, end)
    ended = "len(list_filter(t.services, lambda s: coalesce(s.end_time >= ? AND s.end_time < ?, false))) > 0"
    return Window(Sql(f"{going_on.text} AND {ended}", (*going_on.parameters, start, end)), bounds)


def by_start(start: float, end: float) -> Window:
    """Return the traces that began from `start` to before `end`."""
    return Window(
        Sql("t.start_time >= ? AND t.start_time < ?", (start, end)),
        Bounds({"start_time": start}, {"start_time": end}),
    )
