"""Summaries of traces (source: the X-Ray API, GetTraceSummaries; devguide/xray-api-gettingdata.html)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scripts.conform.case import Cases, expect, expect_names
from scripts.conform.xray_calls import REFUSED, Refusal

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")
_HTTP = {
    "request": {
        "method": "POST",
        "url": "https://conform.example/api",
        "user_agent": "conform",
        "client_ip": "192.0.2.1",
    },
    "response": {"status": 503},
}


@CASES.case("summary.http", "Http, ResponseTime, HasFault and the entry point are the root segment's")
def _http(on: Surroundings) -> None:
    document = on.segment(on.name(), http=_HTTP, fault=True, origin="AWS::ECS::Container")
    on.put(document)
    summary = on.summary(document["trace_id"])
    http = {
        "HttpURL": "https://conform.example/api",
        "HttpStatus": 503,
        "HttpMethod": "POST",
        "UserAgent": "conform",
        "ClientIp": "192.0.2.1",
    }
    expect("Http", summary["Http"], http)
    flags = {name: summary.get(name) for name in ("HasFault", "HasError", "HasThrottle", "IsPartial")}
    expect("flags", flags, {"HasFault": True, "HasError": False, "HasThrottle": False, "IsPartial": False})
    expect("ResponseTime", round(summary["ResponseTime"], 1), 0.5)
    entry = summary["EntryPoint"]
    expect("EntryPoint", (entry["Name"], entry.get("Type")), (on.name(), "AWS::ECS::Container"))


@CASES.case("summary.annotations", "annotations are told with their kind and the service that made them")
def _annotations(on: Surroundings) -> None:
    document = on.segment(on.name(), annotations={"text": "a", "number": 3, "flag": True})
    on.put(document)
    annotations = on.summary(document["trace_id"])["Annotations"]
    values = {key: found[0]["AnnotationValue"] for key, found in annotations.items()}
    wanted = {"text": {"StringValue": "a"}, "number": {"NumberValue": 3.0}, "flag": {"BooleanValue": True}}
    expect("values", values, wanted)
    expect("service", annotations["text"][0]["ServiceIds"][0]["Name"], on.name())


@CASES.case("summary.user", "users are told, by any segment of the trace")
def _user(on: Surroundings) -> None:
    document = on.segment(on.name(), user="conform-user")
    on.put(document)
    users = on.summary(document["trace_id"])["Users"]
    expect("users", [one["UserName"] for one in users], ["conform-user"])


@CASES.case("summary.cause.fault", "a fault's root cause leads from the entry point to its exception")
def _cause(on: Surroundings) -> None:
    exception = {"id": "0123456789abcdef", "message": "no such table", "type": "ProgrammingError"}
    cause = {"working_directory": "/", "exceptions": [exception]}
    document = on.segment(on.name(), fault=True, cause=cause)
    on.put(document)
    causes = on.summary(document["trace_id"])["FaultRootCauses"]
    expect("causes", len(causes), 1)
    service = causes[0]["Services"][-1]
    expect("service", service["Name"], on.name())
    told = service["EntityPath"][-1]["Exceptions"][0]
    expect("exception", (told.get("Name"), told.get("Message")), ("ProgrammingError", "no such table"))


@CASES.case("summary.partial", "a trace is partial while its segment is in progress", documented=True)
def _partial(on: Surroundings) -> None:
    document: dict[str, Any] = on.segment(on.name(), in_progress=True)
    del document["end_time"]
    on.put(document)
    expect("IsPartial", on.summary(document["trace_id"])["IsPartial"], True)


@CASES.case("summaries.order", "StartTime after EndTime is refused, with words about the time")
def _order(on: Surroundings) -> None:
    now = time.time()
    refusal = on.xray.refused("GetTraceSummaries", StartTime=now, EndTime=now - 60)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "StartTime", "EndTime", "time range")


@CASES.case("summaries.range.trace_id", "by default the time in the id counts, the end excluded")
def _range(on: Surroundings) -> None:
    document = on.segment(on.name())
    on.put(document)
    on.summary(document["trace_id"])
    second = int(document["trace_id"][2:10], 16)
    ids = [one["Id"] for one in on.summaries(second, second + 1)]
    expect("within its second", document["trace_id"] in ids, True)
    ids = [one["Id"] for one in on.summaries(second - 1, second)]
    expect("before its second", document["trace_id"] in ids, False)


@CASES.case("summaries.token", "a token that X-Ray did not give out is refused")
def _token(on: Surroundings) -> None:
    now = time.time()
    refusal = on.xray.refused("GetTraceSummaries", StartTime=now - 1, EndTime=now, NextToken="nonsense")
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "token")


@CASES.case(
    "summaries.window",
    "windows of 6 hours, a day and a week, each a minute longer, are taken",
    settles=["TraceSummaries windows"],
)
def _window(on: Surroundings) -> None:
    expect_names("a window the wrong way round", _asked_before(on, -60), "StartTime", "EndTime", "time range")
    told = {hours: _asked_before(on, hours * 3600 + 60) for hours in (6, 24, 168)}
    on.observe("answers by hours", {str(hours): answer for hours, answer in told.items()})
    expect("hours refused", {hours: answer for hours, answer in told.items() if answer != "taken"}, {})


def _asked_before(on: Surroundings, seconds: int) -> str:
    """Return what is said to a window that ended before all that X-Ray keeps, and so costs nothing."""
    end = time.time() - 40 * 86400
    answer = on.xray.ask("GetTraceSummaries", StartTime=end - seconds, EndTime=end)
    return answer.message if isinstance(answer, Refusal) else "taken"
