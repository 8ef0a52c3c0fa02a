"""Cases that are asked in the middle of somebody else's traffic, and what is kept of it: nothing."""

from __future__ import annotations

import json
import secrets
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from scripts.conform import recordings
from scripts.conform.cases import all_cases
from scripts.conform.endpoints import open_endpoints
from scripts.conform.limits import Budget
from scripts.conform.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.environment import Environment

REGION = "us-east-1"
ACCOUNT = "123456789012"
ASKED = (
    "xray.group.default",
    "xray.rule.list.default",
    "xray.rule.list.whole",
    "xray.summary.user",
    "xray.filter.match.user.any",
    "xray.filter.pass.value.case",
    "xray.graph.service",
    "xray.graph.histogram",
    "xray.series.aligned",
    "honeycomb.auth",
    "honeycomb.board",
    "honeycomb.marker",
    "honeycomb.dataset.slug",
    "honeycomb.query.weight",
)
FOREIGN = ("acme", "alice", "203.0.113.77", "078-05-1120", "S3CR3T", "Mozilla", ACCOUNT)


def _segment(at: float) -> str:
    request = {
        "method": "POST",
        "url": "https://payroll.acme.example/hr?token=S3CR3T",
        "client_ip": "203.0.113.77",
        "user_agent": "Mozilla",
    }
    document = {
        "name": "acme-payroll",
        "id": secrets.token_hex(8),
        "trace_id": f"1-{int(at):08x}-{secrets.token_hex(12)}",
        "start_time": at - 0.1,
        "end_time": at,
        "user": "alice@acme.example",
        "fault": True,
        "annotations": {"place": "here", "count": 3, "ssn": "078-05-1120"},
        "http": {"request": request, "response": {"status": 503}},
    }
    return json.dumps(document)


@pytest.fixture
def account(local: Environment) -> Iterator[Any]:
    """The local cloud with an application's traffic, rule, group, board, marker and data set in it."""
    xray = boto3.client("xray", region_name=REGION)
    fields = dict.fromkeys(("ServiceName", "ServiceType", "HTTPMethod", "URLPath", "ResourceARN"), "*")
    limits = {"Version": 1, "Priority": 50, "FixedRate": 0.1, "ReservoirSize": 1}
    rule: Any = {**fields, **limits, "RuleName": "acme-payroll", "Host": "payroll.acme.example"}
    xray.create_sampling_rule(SamplingRule=rule)
    xray.create_group(GroupName="acme-payroll")
    now = time.time()
    xray.put_trace_segments(TraceSegmentDocuments=[_segment(now + second) for second in range(-2, 8)])
    inputs = {"endpoint": local.variables["HONEYCOMB_API_ENDPOINT"], "dataset": "acme-events"}
    caller = SimpleNamespace(region=REGION, account_id=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/alice")
    opened: Any = SimpleNamespace(
        caller=caller, environment=local, units={"honeycomb": SimpleNamespace(inputs=inputs)}
    )
    try:
        yield opened
    finally:
        xray.delete_sampling_rule(RuleName="acme-payroll")
        xray.delete_group(GroupName="acme-payroll")
        xray.close()


def test_nothing_of_it_is_in_a_recording(account: Any, tmp_path: Path) -> None:
    """Each case holds, each recording is written, and none knows the others of the account."""
    endpoints = open_endpoints(account, Budget(), with_honeycomb=True)
    honeycomb = endpoints.honeycomb
    assert honeycomb is not None
    honeycomb("POST", "/1/events/acme-payroll", {"alice": 1}, events=1)
    marker = honeycomb("POST", "/1/markers/__all__", {"message": "acme-payroll"}).document
    text = {"type": "text", "text_panel": {"content": "acme"}}
    document = {"name": "acme-payroll", "type": "flexible", "layout_generation": "auto", "panels": [text]}
    board = honeycomb("POST", "/1/boards", document).document
    runner = Runner(endpoints.surroundings, endpoints.xray, honeycomb, endpoints.redactor, is_local=True)
    try:
        results = [runner.run(case) for case in all_cases() if case.id in ASKED]
    finally:
        runner.finish()
        honeycomb("DELETE", f"/1/markers/__all__/{marker['id']}")
        honeycomb("DELETE", f"/1/boards/{board['id']}")
        honeycomb("PUT", "/1/datasets/acme-payroll", {"settings": {"delete_protected": False}})
        honeycomb("DELETE", "/1/datasets/acme-payroll")
    assert [(one.case.id, one.detail) for one in results if one.status != "holds"] == []
    assert runner.take_left() == ()
    assert sum(recordings.keep(one, endpoints.known, tmp_path) for one in results) == len(ASKED)
    kept = "".join(file.read_text() for file in tmp_path.iterdir())
    assert [word for word in (*FOREIGN, endpoints.surroundings.run_id) if word in kept] == []
    assert '"others": 1' in kept
