"""From recorded calls to IAM actions, and the lists of what a deployment needs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from scripts.iam import unit_calls
from scripts.iam.recording import actions_of
from scripts.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KEY = "own"
CALLS_OF_DEPLOY = re.compile(
    r'\.(ecs|ecr|ssm|load_balancing)\.(?:get_paginator\(\s*"([a-z_]+)"|([a-z]+_[a-z_]+)\b)'
)
SENT = re.compile(r"\bclient\.([a-z_]+)")


def call(service: str, operation: str, key: str = KEY) -> dict[str, Any]:
    """Return a call as the local cloud lists it."""
    return {"service": service, "operation": operation, "access_key": key, "status": 200}


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("ecs", "CreateService", "ecs:CreateService"),
        ("monitoring", "PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
        ("elasticloadbalancing", "AddTags", "elasticloadbalancing:AddTags"),
        ("s3", "HeadObject", "s3:GetObject"),
        ("s3", "ListObjectsV2", "s3:ListBucket"),
        ("s3", "PutObject", "s3:PutObject"),
    ],
)
def test_actions_are_called_as_iam_calls_them(service: str, operation: str, action: str) -> None:
    """By the service's prefix; S3's actions have other names than its operations."""
    assert actions_of([call(service, operation)], KEY) == {action}


def test_other_callers_and_what_needs_no_right_are_left_out() -> None:
    """Who asks who he is needs nothing."""
    calls = [call("ecs", "CreateService", "other"), call("sts", "GetCallerIdentity")]
    assert actions_of(calls, KEY) == set()


@pytest.mark.parametrize("operation", ["", "GET /x"])
def test_a_call_that_cannot_be_told_is_no_action(operation: str) -> None:
    """It raises: an action that is missing in a list would be missing in a policy."""
    with pytest.raises(ValueError, match="no operation"):
        actions_of([call("ecs", operation)], KEY)


@given(
    st.lists(st.tuples(st.sampled_from(["ecs", "ecr"]), st.sampled_from(["A", "B"]), st.sampled_from("xy")))
)
def test_each_call_has_its_action_whatever_their_order(calls: list[tuple[str, str, str]]) -> None:
    """No call hides another."""
    found = actions_of([call(*one) for one in calls], "x")
    assert found == {f"{service}:{operation}" for service, operation, key in calls if key == "x"}


@pytest.mark.parametrize("name", [*unit_calls.UNITS, unit_calls.COMMANDS])
def test_lists_have_actions_and_reasons(name: str) -> None:
    """Each action is one of AWS's, as far as botocore knows its service; each further one says why."""
    calls = unit_calls.of(name)
    assert all(calls.phases.values())
    assert all(len(reason) > 20 for reason in calls.further.values())
    for action in calls.needed:
        assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]+", action)


def test_commands_call_what_their_list_has() -> None:
    """Every method of a client in scripts/deploy is on the list, and nothing else is."""
    names = {"ecs": "ecs", "ecr": "ecr", "ssm": "ssm", "load_balancing": "elbv2"}
    session, found = Session(), set()
    for file in (ROOT / "scripts" / "deploy").glob("*.py"):
        for client, paged, method in CALLS_OF_DEPLOY.findall(file.read_text()):
            model = session.get_service_model(names[client])
            wanted = (paged or method).replace("_", "")
            [operation] = [one for one in model.operation_names if one.lower() == wanted]
            found.add(f"{model.signing_name}:{operation}")
    commands = unit_calls.of(unit_calls.COMMANDS).phases
    assert found == commands["deploy"] | commands["destroy"]
    sending = (ROOT / "scripts" / "telemetry" / "sending.py").read_text()
    assert sorted(SENT.findall(sending)) == ["put_trace_segments"]
    assert commands[unit_calls.TRACE] == {"xray:PutTraceSegments"}


def test_who_needs_what() -> None:
    """Plan reads what every unit's plan reads; who applies has his units' lists, and no one the network's."""
    plan, apply, deploy = map(unit_calls.needed_by, (unit_calls.PLAN, unit_calls.APPLY, unit_calls.DEPLOY))
    for unit in unit_calls.UNITS:
        assert unit_calls.of(unit).phases["plan"] <= plan
    assert unit_calls.of("xray").needed <= apply
    assert unit_calls.of("service").needed | unit_calls.of(unit_calls.COMMANDS).needed <= deploy
    assert "xray:PutTraceSegments" in plan & apply & deploy
    assert "ec2:CreateVpc" not in plan | apply | deploy
    assert all(
        action.partition(":")[2].startswith(("Describe", "Get", "List", "PutTrace")) for action in plan
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"more": []}, "expected are plan, apply, change, destroy and further"),
        (
            {"further": {"ecr:PutImage": "x"}, "apply": ["ecr:PutImage"]},
            "among the further actions, which was",
        ),
    ],
)
def test_a_list_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str
) -> None:
    """A part too many, or an action that was seen and yet is said not to be."""
    document = {"plan": [], "apply": [], "change": [], "destroy": [], "further": {}} | change
    (tmp_path / "registry_calls.json").write_text(json.dumps(document))
    monkeypatch.setattr(unit_calls, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=message):
        unit_calls.of("registry")
    with pytest.raises(ValueError, match="there is no list for x"):
        unit_calls.of("x")
