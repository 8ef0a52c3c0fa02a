"""The traces that the backend really sent of late, as facts, and the services that X-Ray saw."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from scripts.verify.effect.paging import pages
from xray.filters.strings import quoted
from xray.segments import validate_document
from xray.traces import derive

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

    from xray.traces import TraceFacts

RECENT = timedelta(hours=1)
GRAPH = timedelta(hours=6)
"""The longest range that X-Ray draws its graph over (public reports; the API's model gives none)."""
TRACES_MAX = 5
"""As many as X-Ray returns in one call of BatchGetTraces."""
PAGES_MAX = 5


def recent(client: XRayClient, service_name: str, account_id: str) -> list[TraceFacts]:
    """Return some traces of the last hour with this service, the newest of those that X-Ray tells first.

    Ten calls at most. Raises one of ``aws.FAILURES``.
    """
    end = datetime.now(UTC)
    filter_expression = f"service({quoted(service_name)})"
    summaries = pages(
        client.get_trace_summaries, StartTime=end - RECENT, EndTime=end, FilterExpression=filter_expression
    )
    found: set[str] = set()
    for page in islice(summaries, PAGES_MAX):
        found.update(summary["Id"] for summary in page["TraceSummaries"])
        if len(found) >= TRACES_MAX:
            break
    # An id begins with the second in which its trace did.
    newest = sorted(found, reverse=True)[:TRACES_MAX]
    if not newest:
        return []
    facts = []
    for page in islice(pages(client.batch_get_traces, TraceIds=newest), PAGES_MAX):
        for trace in page["Traces"]:
            documents = [json.loads(segment["Document"]) for segment in trace["Segments"]]
            sound = [document for document in documents if not validate_document(document)]
            if sound:
                facts.append(derive(sound, account_id))
    return facts


def graph_names(client: XRayClient) -> set[str]:
    """Return the names of all services that X-Ray saw in the last six hours, clients left out.

    Raises one of ``aws.FAILURES``.
    """
    end = datetime.now(UTC)
    return {
        name
        for page in pages(client.get_service_graph, StartTime=end - GRAPH, EndTime=end)
        for service in page["Services"]
        if service.get("Type") != "client"
        for name in (service.get("Name"), *service.get("Names", ()))
        if name
    }
