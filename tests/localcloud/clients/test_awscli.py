"""`aws xray`, as people type it, against the local cloud."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.localcloud.clients.cloud import RunningCloud

REFUSED = 255
GROUP = "Cruddur"
SERVICE = "backend-flask"
RULE = {
    "RuleName": "Cruddur",
    "ResourceARN": "*",
    "Priority": 9000,
    "FixedRate": 0.1,
    "ReservoirSize": 5,
    "ServiceName": SERVICE,
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}


@pytest.fixture
def aws(cloud: RunningCloud, tmp_path: Path) -> Callable[..., Any]:
    """Run `aws xray` and return what it prints."""

    def run(*arguments: str, code: int = 0) -> Any:
        done = subprocess.run(
            [
                sys.executable,
                str(Path(sys.executable).with_name("aws")),
                "--output",
                "json",
                "xray",
                *arguments,
            ],
            cwd=tmp_path,
            env=cloud.environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout or "{}") if code == 0 else done.stderr

    return run


def _trace(second: int, *, fault: bool = False) -> tuple[str, list[str]]:
    """Return a trace's id and documents: a request of the service, with a call of DynamoDB in it."""
    trace_id = f"1-{second:08x}-{secrets.token_hex(12)}"
    request = {"method": "GET", "url": "http://shop/api/activities/home"}
    call = {
        "id": secrets.token_hex(8),
        "name": "DynamoDB",
        "namespace": "aws",
        "start_time": second + 0.1,
        "end_time": second + 0.2,
        "aws": {"operation": "GetItem", "table_name": "activities"},
    }
    segment = {
        "trace_id": trace_id,
        "id": secrets.token_hex(8),
        "name": SERVICE,
        "start_time": second,
        "end_time": second + 0.5,
        "http": {"request": request, "response": {"status": 500 if fault else 200}},
        "fault": fault,
        "annotations": {"route": "home"},
        "subsegments": [call],
    }
    return trace_id, [json.dumps(segment)]


def test_groups(aws: Callable[..., Any]) -> None:
    """create-group with the filter that everybody types, and the other commands of groups."""
    made = aws("create-group", "--group-name", GROUP, "--filter-expression", f'service("{SERVICE}")')["Group"]
    assert made["FilterExpression"] == 'service("backend-flask")'
    assert made in aws("get-groups")["Groups"]
    changed = aws("update-group", "--group-name", GROUP, "--insights-configuration", "InsightsEnabled=true")
    assert changed["Group"]["InsightsConfiguration"]["InsightsEnabled"] is True
    assert aws("get-group", "--group-arn", made["GroupARN"]) == changed
    aws("delete-group", "--group-name", GROUP)
    assert "Group not found" in aws("get-group", "--group-name", GROUP, code=REFUSED)


def test_sampling_rules_from_a_file(aws: Callable[..., Any], tmp_path: Path) -> None:
    """create-sampling-rule reads the rule from a file; it is listed, asked for targets and deleted."""
    (tmp_path / "sampling-rule.json").write_text(json.dumps({"SamplingRule": RULE}))
    made = aws("create-sampling-rule", "--cli-input-json", "file://sampling-rule.json")["SamplingRuleRecord"]
    listed = aws("get-sampling-rules")["SamplingRuleRecords"]
    assert [record["SamplingRule"]["RuleName"] for record in listed] == [RULE["RuleName"], "Default"]
    assert listed[0] == made
    report = {"RuleName": RULE["RuleName"], "ClientID": "a" * 24, "Timestamp": int(time.time())}
    report |= {"RequestCount": 110, "SampledCount": 20, "BorrowCount": 10}
    answer = aws("get-sampling-targets", "--sampling-statistics-documents", json.dumps([report]))
    (target,) = answer["SamplingTargetDocuments"]
    assert (target["ReservoirQuota"], target["FixedRate"], target["Interval"]) == (5, 0.1, 10)
    (window,) = aws("get-sampling-statistic-summaries")["SamplingStatisticSummaries"]
    assert (window["RequestCount"], window["SampledCount"], window["BorrowCount"]) == (110, 20, 10)
    aws("delete-sampling-rule", "--rule-name", str(RULE["RuleName"]))
    assert len(aws("get-sampling-rules")["SamplingRuleRecords"]) == 1


def test_traces_of_the_last_ten_minutes(aws: Callable[..., Any]) -> None:
    """What put-trace-segments sends is found by summaries, filters, ids, and in both graphs."""
    now = int(time.time())
    aws("create-group", "--group-name", GROUP, "--filter-expression", f'service("{SERVICE}")')
    good, documents = _trace(now - 60)
    bad, others = _trace(now - 30, fault=True)
    sent = aws("put-trace-segments", "--trace-segment-documents", *documents, *others, "{}")
    assert [refused["ErrorCode"] for refused in sent["UnprocessedTraceSegments"]] == ["MissingTraceId"]
    window = ("--start-time", str(now - 600), "--end-time", str(now))

    def found(*arguments: str) -> set[str]:
        return {trace["Id"] for trace in aws("get-trace-summaries", *window, *arguments)["TraceSummaries"]}

    assert found() == {good, bad}
    assert found("--filter-expression", "fault") == {bad}
    assert found("--filter-expression", 'service("backend-flask") AND http.status = 200') == {good}
    assert found("--filter-expression", 'annotation.route = "home"') == {good, bad}
    assert found("--filter-expression", 'service("nobody")') == set()
    assert "InvalidRequestException" in aws(
        "get-trace-summaries", *window, "--filter-expression", "duration <", code=REFUSED
    )
    whole = aws("batch-get-traces", "--trace-ids", good, bad)
    assert {trace["Id"] for trace in whole["Traces"]} == {good, bad}
    for graph in (
        aws("get-service-graph", *window),
        aws("get-service-graph", *window, "--group-name", GROUP),
        aws("get-trace-graph", "--trace-ids", good, bad),
    ):
        services = {
            service["Name"]: service for service in graph["Services"] if service.get("Type") != "client"
        }
        assert services.keys() == {SERVICE, "activities"}
        assert services[SERVICE]["SummaryStatistics"]["TotalCount"] == 2
        assert services[SERVICE]["SummaryStatistics"]["FaultStatistics"]["TotalCount"] == 1
    series = aws("get-time-series-service-statistics", *window, "--period", "60")
    assert series["TimeSeriesServiceStatistics"]
    assert aws("get-insight-summaries", *window, "--group-name", GROUP)["InsightSummaries"] == []


def test_the_accounts_settings(aws: Callable[..., Any]) -> None:
    """Encryption, indexing, destination and resource policies are read and changed."""
    assert aws("get-encryption-config")["EncryptionConfig"] == {"Status": "ACTIVE", "Type": "NONE"}
    changed = aws("put-encryption-config", "--type", "KMS", "--key-id", "alias/aws/xray")
    assert changed["EncryptionConfig"]["Status"] == "UPDATING"
    rule = '{"Probabilistic": {"DesiredSamplingPercentage": 5}}'
    updated = aws("update-indexing-rule", "--name", "Default", "--rule", rule)["IndexingRule"]
    assert updated["Rule"]["Probabilistic"]["DesiredSamplingPercentage"] == 5
    assert aws("get-trace-segment-destination") == {"Destination": "XRay", "Status": "ACTIVE"}
    denied = aws("update-trace-segment-destination", "--destination", "CloudWatchLogs", code=REFUSED)
    assert "(AccessDeniedException)" in denied
    statement = {"Effect": "Allow", "Principal": "*", "Action": "xray:PutTraceSegments", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("put-resource-policy", "--policy-name", "cli", "--policy-document", policy)
    assert [found["PolicyName"] for found in aws("list-resource-policies")["ResourcePolicies"]] == ["cli"]
