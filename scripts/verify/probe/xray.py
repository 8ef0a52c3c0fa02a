"""Is the probe's trace in X-Ray."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scripts.aws import FAILURES
from scripts.errors import explain
from scripts.traces.patience import is_passing, is_throttling
from scripts.verify.engine import UNEXPECTED_FORM
from scripts.verify.probe.waiting import Missing

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import BatchGetTracesResultTypeDef

PAUSES_SECONDS = (0.25, 0.5, 1.0, 1.0, 2.0)


def look(client: XRayClient, trace_id: str, *, local: bool) -> str | Missing:
    """Return what X-Ray has of the trace, in words; Missing where that is nothing, or it doesn't tell."""
    try:
        answer = client.batch_get_traces(TraceIds=[trace_id])
    except FAILURES as error:
        problem = explain(error, local=local)
        passing = is_throttling(error) or is_passing(error)
        return Missing(f"X-Ray's answer: {problem.message}", problem.remedy, final=not passing)
    if trace_id in answer.get("UnprocessedTraceIds", []):
        return Missing("X-Ray's answer: the trace id is unprocessed", "run verify again in a minute")
    try:
        sent = _sent_segments(answer, trace_id)
    except UNEXPECTED_FORM as error:
        return Missing(
            f"X-Ray's answer: not as X-Ray gives it ({type(error).__name__}: {error})",
            "check AWS_ENDPOINT_URL and the proxy: is it AWS that answers?",
            final=True,
        )
    if not sent:
        return Missing()
    count = "1 segment" if len(sent) == 1 else f"{len(sent)} segments"
    return f"{count} of {', '.join(sorted(set(sent)))}"


def _sent_segments(answer: BatchGetTracesResultTypeDef, trace_id: str) -> list[str]:
    """Return the names of the trace's segments, but for those that X-Ray has inferred."""
    documents = [
        json.loads(segment["Document"])
        for trace in answer["Traces"]
        if trace["Id"] == trace_id
        for segment in trace["Segments"]
    ]
    return [str(document["name"]) for document in documents if not document.get("inferred")]
