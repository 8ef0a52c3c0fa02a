"""Segment documents in and out (source: devguide, "Segment documents", "Sending trace data")."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, expect, expect_in, expect_names
from scripts.conform.xray_calls import REFUSED

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")
ABSENT = object()


@CASES.case("segments.stored", "a whole segment is taken and comes back by BatchGetTraces", documented=True)
def _stored(on: Surroundings) -> None:
    document = on.segment(on.name())
    expect("UnprocessedTraceSegments", on.put(document), [])
    found = on.stored(document["trace_id"])[0]
    expect("id", found["id"], document["id"])
    expect("name", found["name"], document["name"])


@CASES.case("segments.progress", "a complete document replaces the one in progress", documented=True)
def _progress(on: Surroundings) -> None:
    document = on.segment(on.name())
    begun = {key: value for key, value in document.items() if key != "end_time"}
    expect("in progress", on.put({**begun, "in_progress": True}), [])
    on.stored(document["trace_id"])
    expect("complete", on.put(document), [])

    def attempt() -> bool | None:
        found = on.stored(document["trace_id"])
        return True if len(found) == 1 and "end_time" in found[0] else None

    on.eventually("the complete document alone", attempt)


@CASES.case("segments.independent", "a subsegment that is sent by itself is put in its segment's place")
def _independent(on: Surroundings) -> None:
    document = on.segment(on.name())
    apart = {
        "type": "subsegment",
        "id": secrets.token_hex(8),
        "trace_id": document["trace_id"],
        "parent_id": document["id"],
        "name": "apart",
        "start_time": document["start_time"],
        "end_time": document["end_time"],
    }
    expect("UnprocessedTraceSegments", on.put(document, apart), [])

    def attempt() -> bool | None:
        found = [one for one in on.stored(document["trace_id"]) if one["id"] == document["id"]]
        inside = [one["id"] for one in found[0].get("subsegments", [])] if found else []
        return True if inside == [apart["id"]] else None

    on.eventually("the subsegment in its segment", attempt)


@CASES.case("segments.inferred", "a remote subsegment without a child becomes an inferred segment")
def _inferred(on: Surroundings) -> None:
    document = on.segment(on.name())
    call = _call(document, "conform-callee")
    document["subsegments"] = [call]
    on.put(document)
    found = on.stored(document["trace_id"], segments=2)
    inferred = [one for one in found if one.get("inferred")]
    expect("inferred segments", len(inferred), 1)
    expect("its parent", inferred[0].get("parent_id"), call["id"])
    expect("its name", inferred[0]["name"], "conform-callee")


def _call(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "name": name,
        "namespace": "remote",
        "start_time": document["start_time"],
        "end_time": document["end_time"],
        "http": {
            "request": {"method": "GET", "url": f"https://{name}/"},
            "response": {"status": 200},
        },
    }


_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "id.missing": ({"id": ABSENT}, "MissingId"),
    "name.missing": ({"name": ABSENT}, "MissingName"),
    "trace_id.missing": ({"trace_id": ABSENT}, "MissingTraceId"),
    "end_time.missing": ({"end_time": ABSENT}, "MissingEndTime"),
    "name.characters": ({"name": "what?!"}, "InvalidName"),
    "trace_id.form": ({"trace_id": "1-2-3"}, "InvalidTraceId"),
}


def _refused(change: dict[str, Any], code: str) -> Any:
    def run(on: Surroundings) -> None:
        document = {**on.segment(on.name()), **change}
        wrong = {key: value for key, value in document.items() if value is not ABSENT}
        refused = on.put(wrong)
        expect("codes", [one.get("ErrorCode") for one in refused], [code])
        expect_in("message", f"Invalid segment. ErrorCode: {code}", str(refused[0].get("Message")))

    return run


for _name, (_change, _code) in _WRONG.items():
    CASES.add(f"segments.{_name}", f"such a document is unprocessed: {_code}", _refused(_change, _code))


@CASES.case("segments.others.stay", "a document that is refused takes no other with it")
def _others(on: Surroundings) -> None:
    good, bad = on.segment(on.name()), on.segment(on.name())
    del bad["name"]
    refused = on.put(bad, good)
    expect("ids refused", [one.get("Id") for one in refused], [bad["id"]])
    on.stored(good["trace_id"])


@CASES.case("traces.six", "six ids at once are refused: `Exceeding maximum query size: 5`")
def _six(on: Surroundings) -> None:
    refusal = on.xray.refused("BatchGetTraces", TraceIds=[on.trace_id() for _ in range(6)])
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Exceeding maximum query size: 5", refusal.message)


@CASES.case("traces.token", "BatchGetTraces takes no NextToken")
def _token(on: Surroundings) -> None:
    refusal = on.xray.refused("BatchGetTraces", TraceIds=[on.trace_id()], NextToken="x")
    expect("code", refusal.code, REFUSED)
    expect_in("message", "NextToken is currently not supported", refusal.message)


@CASES.case("traces.unknown", "an id that no trace has is left out beside one that has a trace")
def _unknown(on: Surroundings) -> None:
    document = on.segment(on.name())
    on.put(document)
    on.stored(document["trace_id"])
    traces = on.xray("BatchGetTraces", TraceIds=[on.trace_id(), document["trace_id"]])["Traces"]
    expect("traces", [one["Id"] for one in traces], [document["trace_id"]])


@CASES.case(
    "segments.many",
    "51 documents go in one call, and each is answered for",
    settles=["documents per PutTraceSegments"],
)
def _many(on: Surroundings) -> None:
    # without an id of a trace they are refused, and cost nothing
    refused = on.put(*({"name": on.name(), "id": secrets.token_hex(8)} for _ in range(51)))
    expect("documents told", len(refused), 51)
    on.observe(
        "codes of documents without a trace id", sorted({str(one.get("ErrorCode")) for one in refused})
    )


@CASES.case(
    "telemetry", "PutTelemetryRecords takes a daemon's record, and none without a time", documented=True
)
def _telemetry(on: Surroundings) -> None:
    counts = {f"Segments{what}Count": 1 for what in ("Received", "Sent", "Spillover", "Rejected")}
    record = {**counts, "Timestamp": int(time.time()), "BackendConnectionErrors": {}}
    on.xray("PutTelemetryRecords", TelemetryRecords=[record], Hostname="conform")
    refusal = on.xray.refused("PutTelemetryRecords", TelemetryRecords=[counts], Hostname="conform")
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "timestamp")
