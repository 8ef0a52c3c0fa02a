"""Everything that both sinks accepted, read back through their own interfaces."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import requests

from scripts.errors import OperatorError
from scripts.traces import reading

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mypy_boto3_xray import XRayClient

    from scripts.parity.cloud import Cloud

IDS_MAX_PER_CALL = 5
CALLS_AT_ONCE = 4
ARRIVAL_TIMEOUT_SECONDS = 30.0
QUIET_SECONDS = 0.5
"""What is on its way to the daemon is in no counter: it has arrived when no more comes for so long."""
_REQUEST_TIMEOUT_SECONDS = 30.0
_POLL_SECONDS = 0.1


def daemon_counters(cloud: Cloud) -> dict[str, int]:
    """Return the daemon's counters once nothing is on its way through it.

    Raises OperatorError where that does not come about.
    """
    deadline = time.monotonic() + ARRIVAL_TIMEOUT_SECONDS
    received, since = -1, time.monotonic()
    while True:
        now: dict[str, int] = _get(f"{cloud.aws_endpoint_url}/_localcloud/daemon")
        done = sum(now[name] for name in ("forwarded", "unprocessed", "failed", "spillover"))
        if now["received"] != received:
            received, since = now["received"], time.monotonic()
        elif done == now["accepted"] and time.monotonic() - since > QUIET_SECONDS:
            return now
        if time.monotonic() > deadline:
            raise OperatorError(
                f"the daemon still holds {now['accepted'] - done} documents",
                remedy=f"look at {cloud.folder / 'localcloud.log'}",
            )
        time.sleep(_POLL_SECONDS)


def honeycomb_counters(cloud: Cloud) -> dict[str, int]:
    """Return what the local Honeycomb counted."""
    found: dict[str, int] = _get(f"{cloud.honeycomb_api_endpoint}/_localcloud/counters")
    return found


def events(cloud: Cloud) -> list[dict[str, Any]]:
    """Return every event that the local Honeycomb has, in order of arrival."""
    found: list[dict[str, Any]] = []
    following: int | None = 0
    while following is not None:
        page = _get(f"{cloud.honeycomb_api_endpoint}/_localcloud/events/{following}")
        found += page["events"]
        following = page["next"]
    return found


def documents(client: XRayClient, trace_ids: Collection[str]) -> list[dict[str, Any]]:
    """Return the whole segments of these traces (32 hex digits); of one that X-Ray hasn't there are none.

    Those that X-Ray inferred are left out: nobody sent them.
    """
    ids = [f"1-{trace_id[:8]}-{trace_id[8:]}" for trace_id in sorted(trace_ids)]
    calls = [ids[first : first + IDS_MAX_PER_CALL] for first in range(0, len(ids), IDS_MAX_PER_CALL)]
    with ThreadPoolExecutor(max_workers=CALLS_AT_ONCE) as pool:
        return [
            document
            for found in pool.map(lambda some: _batch(client, some), calls)
            for document in found
            if document.get("inferred") is not True
        ]


def _batch(client: XRayClient, ids: Sequence[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in client.get_paginator("batch_get_traces").paginate(TraceIds=list(ids)):
        for one in page["Traces"]:
            found += (
                json.loads(segment["Document"]) for segment in one["Segments"] if segment.get("Document")
            )
    return found


def xray_trace_ids(client: XRayClient, since_seconds: int) -> set[str]:
    """Return the ids (32 hex digits) of the traces that X-Ray lists of the last *since_seconds*."""
    found = reading.summaries(client, since_seconds=since_seconds, filter_expression="")
    return {"".join(one["Id"].split("-")[1:]) for one in found}


def trace_ids(found: Collection[Mapping[str, Any]]) -> set[str]:
    """Return the ids (32 hex digits) of the traces that events tell."""
    return {event["data"]["trace.trace_id"].rjust(32, "0") for event in found}


def _get(url: str) -> Any:
    answer = requests.get(url, timeout=_REQUEST_TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()
