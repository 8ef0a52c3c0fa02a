"""Facts as GetTraceSummaries tells them."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel, StructureShape
from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from hypothesis import given

from tests.xray.traces.documents import ACCOUNT_ID, TRACE_ID, traces
from xray.traces import derive, summarise


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    """Return botocore's own model of X-Ray."""
    return botocore.session.get_session().get_service_model("xray")


def parsed(model: ServiceModel, summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary as boto3's caller sees it, after it went over the wire."""
    body = json.dumps({"TraceSummaries": [summary]}).encode()
    response = {"body": body, "headers": {}, "status_code": 200}
    shape = model.shape_for("GetTraceSummariesResult")
    (summary,) = create_parser("rest-json").parse(response, shape)["TraceSummaries"]
    return summary


def segment(**more: Any) -> dict[str, Any]:
    """Return a segment of a second."""
    document = {"id": "a" * 16, "name": "api", "trace_id": TRACE_ID, "start_time": 10.0, "end_time": 11.0}
    return document | more


@given(traces())
def test_every_summary_has_the_shape_of_the_api(model: ServiceModel, documents: list[dict[str, Any]]) -> None:
    """No member is unknown to botocore's model or of another type; nothing is lost on the way to a client."""
    summary = summarise(derive(documents, ACCOUNT_ID), revision=3, matched_event_time=12.0)
    shape = model.shape_for("TraceSummary")
    assert isinstance(shape, StructureShape)
    assert ParamValidator().validate(summary, shape).generate_report() == ""
    received = parsed(model, summary)
    assert set(received) == set(summary)
    assert set(shape.members) - set(summary) <= {"ResponseTime", "EntryPoint"}
    times = ("StartTime", "MatchedEventTime")
    assert {**received, **dict.fromkeys(times)} == {**summary, **dict.fromkeys(times)}


def test_scorekeep_is_summarised_as_in_the_guide() -> None:
    """Flags, request, users and annotations of the developer guide's sample, with the services they're of."""
    sample = json.loads((Path(__file__).parent / "data" / "scorekeep.json").read_text())
    summary = summarise(derive(sample["sent"], ACCOUNT_ID), revision=2)
    function = {
        "Name": "random-name",
        "Names": ["random-name"],
        "AccountId": "123456789012",
        "Type": "AWS::Lambda::Function",
    }
    entry = {
        "Name": "Scorekeep",
        "Names": ["Scorekeep"],
        "AccountId": ACCOUNT_ID,
        "Type": "AWS::ElasticBeanstalk::Environment",
    }
    wanted = {
        "Id": "1-59602603-23fc5b688855d396af79b496",
        "Duration": 3.232,
        "ResponseTime": 3.232,
        "HasFault": False,
        "HasError": False,
        "HasThrottle": False,
        "IsPartial": False,
        "Http": {
            "HttpStatus": 200,
            "ClientIp": "205.251.233.183",
            "HttpURL": "http://scorekeep.elasticbeanstalk.com/api/user",
            "UserAgent": "Mozilla/5.0",
            "HttpMethod": "POST",
        },
        "Users": [{"UserName": "5M388M1E", "ServiceIds": [entry]}],
        "Annotations": {
            "UserID": [{"AnnotationValue": {"StringValue": "5M388M1E"}, "ServiceIds": [function]}],
            "Name": [{"AnnotationValue": {"StringValue": "Ola"}, "ServiceIds": [function]}],
        },
        "EntryPoint": entry,
        "ResourceARNs": [{"ARN": "arn:aws:lambda:us-west-2:123456789012:function:random-name"}],
        "InstanceIds": [{"Id": "i-0cd9e448944061b4a"}],
        "AvailabilityZones": [{"Name": "us-west-2c"}],
        "FaultRootCauses": [],
        "ErrorRootCauses": [],
        "Revision": 2,
    }
    assert {key: summary[key] for key in wanted} == wanted
    assert set(summary) - set(wanted) == {"StartTime", "ServiceIds", "ResponseTimeRootCauses"}
    assert [(service["Name"], service.get("Type")) for service in summary["ServiceIds"]] == [
        ("Scorekeep", "AWS::ElasticBeanstalk::Environment"),
        ("random-name", "AWS::Lambda"),
        ("random-name", "AWS::Lambda::Function"),
        ("SNS", "AWS::SNS"),
        ("scorekeep-user", "AWS::DynamoDB::Table"),
        ("Scorekeep", "client"),
    ]


def test_root_causes_are_told_with_exceptions_or_coverage() -> None:
    """A fault's entities have exceptions, those of the response time a coverage."""
    thrown = {"exceptions": [{"id": "5" * 16, "type": "Timeout", "message": "too slow"}, {"id": "6" * 16}]}
    summary = summarise(derive([segment(fault=True, cause=thrown)], ACCOUNT_ID), revision=1)
    api = {"Name": "api", "Names": ["api"], "AccountId": ACCOUNT_ID, "Inferred": False}
    exceptions = [{"Name": "Timeout", "Message": "too slow"}, {}]
    path = [{"Name": "api", "Remote": False, "Exceptions": exceptions}]
    assert summary["FaultRootCauses"] == [
        {"ClientImpacting": True, "Services": [{**api, "EntityPath": path}]}
    ]
    path = [{"Name": "api", "Remote": False, "Coverage": 1.0}]
    assert summary["ResponseTimeRootCauses"] == [
        {"ClientImpacting": True, "Services": [{**api, "EntityPath": path}]}
    ]


def test_a_value_is_told_once_with_all_who_set_it() -> None:
    """1 and true are different values; the same value of two services is one with both."""
    called = segment(id="b" * 16, name="called", parent_id="a" * 16, annotations={"k": 1})
    facts = derive(
        [segment(annotations={"k": 1}), called, segment(id="c" * 16, annotations={"k": True})], "1"
    )
    (number, flag) = summarise(facts, revision=1)["Annotations"]["k"]
    assert number["AnnotationValue"] == {"NumberValue": 1.0}
    assert [service["Name"] for service in number["ServiceIds"]] == ["api", "called"]
    assert flag["AnnotationValue"] == {"BooleanValue": True}


def test_throttling_is_told_of_every_segment_errors_of_the_root() -> None:
    """By the API `HasThrottle` is about one or more of the segments, `HasError` and `HasFault` the root."""
    called = segment(id="b" * 16, parent_id="a" * 16, throttle=True, error=True, fault=True)
    summary = summarise(derive([segment(), called], ACCOUNT_ID), revision=1)
    assert (summary["HasThrottle"], summary["HasError"], summary["HasFault"]) == (True, False, False)


def test_what_is_not_known_is_left_out() -> None:
    """Without a segment there is no entry point and no response time; `Http` is there, and empty."""
    lone = segment(type="subsegment", parent_id="b" * 16)
    summary = summarise(derive([lone], ACCOUNT_ID), revision=1)
    assert not {"EntryPoint", "ResponseTime", "MatchedEventTime"} & set(summary)
    assert summary["Http"] == {}
    assert (summary["HasFault"], summary["IsPartial"], summary["ServiceIds"]) == (False, False, [])
