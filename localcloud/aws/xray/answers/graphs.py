"""Service graphs and the statistics behind them.

Source: the X-Ray API; a method's name is the operation's.
"""

from typing import Any

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, find_group
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.queries import fingerprint, read_range
from localcloud.aws.xray.selectors import Selected, read_selector
from localcloud.aws.xray.service_graph import build_graph
from localcloud.aws.xray.store import figures, pages, windows
from localcloud.aws.xray.store.database import of_traces
from localcloud.aws.xray.store.snapshot import Snapshot
from localcloud.aws.xray.store.sql import Fragment, Sql
from localcloud.aws.xray.time_series import build_series
from localcloud.aws.xray.tokens import read_token, write_token
from xray.filters import FilterError, GroupVersion, to_sql
from xray.filters.tree import Member

GRAPH_WINDOW_MAX_SECONDS = 6 * 60 * 60
PERIOD_SECONDS = 60
SERVICES_PAGE_SIZE = 500
SERIES_PAGE_SIZE = 500
_Group = tuple[GroupVersion, ...] | None
"""The versions of the group that is asked for, as they were at one moment; None for all traces."""


class GraphAnswers(Answers):
    """GetServiceGraph, GetTraceGraph and GetTimeSeriesServiceStatistics."""

    def get_service_graph(self, parameters: Parameters) -> Result:
        """Return the services and calls of the traces that began in a range of time."""
        start, end = read_range(parameters)
        if end - start > GRAPH_WINDOW_MAX_SECONDS:
            raise InvalidRequestError("Time range cannot be longer than 6 hours")
        group = self._group(parameters)
        page = _Page("GetServiceGraph", parameters, SERVICES_PAGE_SIZE)
        window = windows.by_start(start, end)
        with self._backend.traces.reading() as snapshot:
            services = _graph(snapshot, self._traces(snapshot, window, group))
            has_old = self._has_old(snapshot, window, group)
        return {
            "StartTime": start,
            "EndTime": end,
            "Services": page.of(services),
            "ContainsOldGroupVersions": has_old,
            **page.next_token(len(services)),
        }

    def get_trace_graph(self, parameters: Parameters) -> Result:
        """Return the services and calls of some traces; ids that no trace has are left out."""
        page = _Page("GetTraceGraph", parameters, SERVICES_PAGE_SIZE)
        window = of_traces(parameters["TraceIds"])
        with self._backend.traces.reading() as snapshot:
            services = _graph(snapshot, self._traces(snapshot, window, None))
        return {"Services": page.of(services), **page.next_token(len(services))}

    def get_time_series_service_statistics(self, parameters: Parameters) -> Result:
        """Return what services or calls add up to in each period of a range of time."""
        start, end = read_range(parameters)
        period = parameters.get("Period", PERIOD_SECONDS)
        if period <= 0 or period % PERIOD_SECONDS:
            raise InvalidRequestError(f"Period must be a multiple of {PERIOD_SECONDS} seconds")
        group = self._group(parameters)
        selected = read_selector(parameters.get("EntitySelectorExpression"))
        if parameters.get("ForecastStatistics") and not selected.by_id:
            raise InvalidRequestError("ForecastStatistics requires an EntitySelectorExpression with an id")
        page = _Page("GetTimeSeriesServiceStatistics", parameters, SERIES_PAGE_SIZE)
        window = windows.by_event(start, end)
        with self._backend.traces.reading() as snapshot:
            traces = self._traces(snapshot, window, group)
            series = build_series(
                snapshot.rows(_series(traces, selected, start, end, period)), services=selected.services
            )
            has_old = self._has_old(snapshot, window, group)
        return {
            "TimeSeriesServiceStatistics": page.of(series),
            "ContainsOldGroupVersions": has_old,
            **page.next_token(len(series)),
        }

    def _group(self, parameters: Parameters) -> _Group:
        if "GroupName" not in parameters and "GroupARN" not in parameters:
            return None
        return tuple(find_group(self._backend, parameters).versions)

    def _of_group(self, group: _Group) -> list[Fragment]:
        """Return the condition that a trace arrived while it matched the group's filter."""
        if group is None:
            return []
        try:
            member = Member(tuple((since, until, inner) for since, until, inner in group))
            return [to_sql(member, groups=self._backend.groups.versions())]
        except FilterError as error:
            raise InvalidRequestError(str(error)) from error

    def _traces(self, snapshot: Snapshot, window: windows.Window, group: _Group) -> Sql:
        of_place = pages.of_place(self._backend.traces.place)
        return figures.traces(snapshot, window, [of_place, *self._of_group(group)])

    def _has_old(self, snapshot: Snapshot, window: windows.Window, group: _Group) -> bool:
        """Tell whether a trace of the group in the window arrived before the group's present filter."""
        if group is None or len(group) == 1:
            return False
        of_place = pages.of_place(self._backend.traces.place)
        before = Sql("t.received_at < ?", (group[-1].valid_from,))
        return pages.count(snapshot, window, [of_place, before, *self._of_group(group)]) > 0


class _Page:
    """Which of many results a request asks for."""

    def __init__(self, operation: str, parameters: Parameters, size: int) -> None:
        self._operation = operation
        self._size = size
        self._mark = fingerprint(parameters)
        self._first = 0
        token = parameters.get("NextToken")
        if token is not None:
            mark, self._first = read_token(operation, token, str, int)
            if mark != self._mark or self._first < 0:
                raise InvalidRequestError("The NextToken is invalid")

    def of(self, results: list[Any]) -> list[Any]:
        return results[self._first : self._first + self._size]

    def next_token(self, count: int) -> dict[str, str]:
        """Return the member that tells where the next page begins, where there is one."""
        first = self._first + self._size
        return {"NextToken": write_token(self._operation, self._mark, first)} if first < count else {}


def _graph(snapshot: Snapshot, traces: Sql) -> list[dict[str, Any]]:
    return build_graph(snapshot.rows(figures.services(traces)), snapshot.rows(figures.edges(traces)))


def _series(traces: Sql, selected: Selected, start: float, end: float, period: int) -> Sql:
    elements = "services" if selected.services else "edges"
    return figures.series(traces, elements, selected.condition, start=start, end=end, period_seconds=period)
