"""Time series from what services or calls add up to (source: the X-Ray API, TimeSeriesServiceStatistics)."""

from collections.abc import Iterable
from typing import Any

from localcloud.aws.xray.service_graph import statistics_to_api
from localcloud.aws.xray.store.figures import Figures


def build_series(rows: Iterable[tuple[Any, ...]], *, services: bool) -> list[dict[str, Any]]:
    """Return the API's `TimeSeriesServiceStatistics` from the rows of `store.figures.series`, by time.

    Periods in which nothing was selected are left out.
    """
    member = "ServiceSummaryStatistics" if services else "EdgeSummaryStatistics"
    return [_entry(period, member, Figures._make(figures)) for period, *figures in rows]


def _entry(period: float, member: str, figures: Figures) -> dict[str, Any]:
    return {
        "Timestamp": period,
        member: statistics_to_api(figures),
        "ResponseTimeHistogram": figures.response_times,
    }
