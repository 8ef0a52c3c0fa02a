"""What a recording keeps of each answer: the fields that the claims are about.

A call that is not named here is kept without its answer.
"""

from __future__ import annotations

import re
from typing import Any

from scripts.conform.allowed import Document, Each, Leaf, Mine, Named, Own, Shape

VALUE, KIND, ID = Leaf.VALUE, Leaf.KIND, Leaf.ID
_REFUSED_FROM = 400


def _fields(names: str, **more: Shape) -> dict[str, Any]:
    return {**dict.fromkeys(names.split(), VALUE), **more}


_SERVICE_ID = _fields("Name Type", Names=Each(VALUE))
_COUNTS = _fields(
    "OkCount TotalCount TotalResponseTime",
    ErrorStatistics=_fields("ThrottleCount OtherCount TotalCount"),
    FaultStatistics=_fields("OtherCount TotalCount"),
)
_HISTOGRAM = Each(_fields("Value Count"))
_EDGE = _fields("ReferenceId EdgeType", SummaryStatistics=_COUNTS, ResponseTimeHistogram=_HISTOGRAM)
_NODE = {
    **_SERVICE_ID,
    **_fields("ReferenceId Root State", SummaryStatistics=_COUNTS, Edges=Each(_EDGE)),
    "DurationHistogram": _HISTOGRAM,
    "ResponseTimeHistogram": _HISTOGRAM,
}
_ENTITY = _fields("Name Coverage Remote", Exceptions=Each(_fields("Name Message")))
_CAUSE = Each(
    _fields("ClientImpacting", Services=Each({**_SERVICE_ID, "Inferred": VALUE, "EntityPath": Each(_ENTITY)}))
)
_ANNOTATION = {
    "AnnotationValue": _fields("StringValue NumberValue BooleanValue"),
    "ServiceIds": Each(_SERVICE_ID),
}
_SUMMARY = {
    **_fields("Id Duration ResponseTime HasFault HasError HasThrottle IsPartial Revision"),
    "Http": _fields("HttpURL HttpStatus HttpMethod UserAgent ClientIp"),
    "Annotations": Named(Each(_ANNOTATION)),
    "Users": Each(_fields("UserName", ServiceIds=Each(_SERVICE_ID))),
    "ServiceIds": Each(_SERVICE_ID),
    "EntryPoint": _SERVICE_ID,
    "FaultRootCauses": _CAUSE,
    "ErrorRootCauses": _CAUSE,
    "ResponseTimeRootCauses": _CAUSE,
}
_SEGMENT: dict[str, Any] = {
    **_fields("id name trace_id parent_id type namespace origin start_time end_time in_progress inferred"),
    **_fields("fault error throttle user annotations"),
    "http": {"request": _fields("method url"), "response": _fields("status")},
    "aws": _fields("operation table_name"),
    "sql": _fields("database_type url"),
    "annotations": Named(VALUE),
}
_SEGMENT["subsegments"] = Each(_SEGMENT)
_GROUP = _fields(
    "GroupName GroupARN FilterExpression",
    InsightsConfiguration=_fields("InsightsEnabled NotificationsEnabled"),
)
_RULE = _fields(
    "RuleName RuleARN ResourceARN Priority FixedRate ReservoirSize ServiceName ServiceType Host HTTPMethod "
    "URLPath Version",
    Attributes=Named(VALUE),
)
_RECORD = _fields("CreatedAt ModifiedAt", SamplingRule=_RULE)
_TARGET = _fields("RuleName FixedRate ReservoirQuota ReservoirQuotaTTL Interval")
_UNPROCESSED = Own(_fields("RuleName ErrorCode Message"))
_XRAY: dict[str, dict[str, Any]] = {
    "PutTraceSegments": {"UnprocessedTraceSegments": Each(_fields("Id ErrorCode Message"))},
    "PutTelemetryRecords": {},
    "BatchGetTraces": {
        "Traces": Own(
            _fields("Id Duration LimitExceeded", Segments=Each(_fields("Id", Document=Document(_SEGMENT))))
        ),
        "UnprocessedTraceIds": Own(VALUE),
    },
    "GetTraceSummaries": {"TraceSummaries": Own(_SUMMARY)},
    "GetTraceGraph": {"Services": Own(_NODE)},
    "GetServiceGraph": {"Services": Own(_NODE)},
    "GetTimeSeriesServiceStatistics": {"TimeSeriesServiceStatistics": Own(_fields("Timestamp"))},
    "GetSamplingRules": {"SamplingRuleRecords": Own(_RECORD)},
    "CreateSamplingRule": {"SamplingRuleRecord": _RECORD},
    "UpdateSamplingRule": {"SamplingRuleRecord": _RECORD},
    "DeleteSamplingRule": {"SamplingRuleRecord": _RECORD},
    "GetSamplingTargets": {
        "SamplingTargetDocuments": Own(_TARGET),
        "LastRuleModification": KIND,
        "UnprocessedStatistics": _UNPROCESSED,
    },
    "GetGroups": {"Groups": Own(_GROUP)},
    "GetGroup": {"Group": Mine(_GROUP)},
    "CreateGroup": {"Group": _GROUP},
    "UpdateGroup": {"Group": _GROUP},
    "DeleteGroup": {},
    "ListTagsForResource": {"Tags": Each(_fields("Key Value"))},
    "TagResource": {},
    "UntagResource": {},
    "GetIndexingRules": {"IndexingRules": Each({"Name": VALUE, "Rule": {"Probabilistic": KIND}})},
}
_XRAY_REFUSAL = _fields("code message")

_COLUMN = _fields("key_name type")
_DATASET = _fields("name slug", settings=_fields("delete_protected"))
_QUERY = {"id": ID, "calculations": Each(_fields("op column"))}
_MARKER = _fields("message type", id=ID)
_BOARD = _fields("name type", id=ID, links=_fields("board_url"))
_ACCESS = {
    "id": KIND,
    "type": VALUE,
    "api_key_access": Named(KIND),
    "environment": {"name": KIND, "slug": KIND},
    "team": {"name": KIND, "slug": KIND},
}
_ROW = Named(VALUE)
_RESULT = {
    **_fields("complete", id=ID, links=_fields("query_url")),
    "data": {"results": Own({"data": _ROW})},
}
_HONEYCOMB: tuple[tuple[re.Pattern[str], Shape], ...] = tuple(
    (re.compile(pattern), shape)
    for pattern, shape in (
        (r"GET /1/auth", _ACCESS),
        (r"POST /v1/traces", {}),
        (r"POST /1/batch/.*", Each(_fields("status"))),
        (r"GET /1/datasets", Own(_DATASET)),
        (r"(?:GET|PUT) /1/datasets/.+", _DATASET),
        (r"GET /1/columns/.*", Own(_COLUMN)),
        (r"(?:GET|POST) /1/queries/.*", _QUERY),
        (r"(?:GET|POST) /1/query_results/.*", _RESULT),
        (r"POST /1/markers/.*", _MARKER),
        (r"GET /1/markers/.*", Own(_MARKER)),
        (r"POST /1/boards", _BOARD),
        (r"GET /1/boards", Own(_BOARD)),
        (r"GET /1/boards/.+", _BOARD),
    )
)
_HONEYCOMB_REFUSAL = _fields(
    "status type title error detail message", type_detail=Each(_fields("field code description"))
)


def shape_of(call: str, status: int, *, text: bool = False) -> Shape:
    """Return what may be kept of the answer to *call*, ``xray:<Operation>`` or ``honeycomb:<METHOD path>``.

    *text* tells that it is no JSON: a refusal in words is kept as it is.
    """
    service, _, name = call.partition(":")
    if status >= _REFUSED_FROM:
        if text:
            return VALUE
        return _XRAY_REFUSAL if service == "xray" else _HONEYCOMB_REFUSAL
    if service == "xray":
        return _XRAY.get(name, KIND)
    return next((shape for pattern, shape in _HONEYCOMB if pattern.fullmatch(name)), KIND)
