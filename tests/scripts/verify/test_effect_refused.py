"""Calls that are denied or throttled, each in turn: named, with what to do, and never passed unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts import routes
from scripts.aws import Clients
from scripts.verify import expected
from scripts.verify.check import Status
from scripts.verify.effect import paging
from tests.scripts.verify.between import ALWAYS, Throttling, throttling
from tests.scripts.verify.made import Made

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from scripts.environment import Environment
    from scripts.verify.check import Result

EFFECTIVE = {f"xray.rule.effective.{route}" for route in routes.served()}
OF_KEY = {"ssm.key.copies", "honeycomb.key", "honeycomb.dataset"} | {
    f"honeycomb.key.{part}" for part in ("kind", "sends", "environment", "team")
}


def _checks(made: Made, operation: str) -> set[str]:
    """Return the checks that need a call of *operation*."""
    rules = {f"xray.rule.{name}" for name in expected.xray(made.units["xray"]).rules}
    of_rules = {"service", "default", "sampled", "shadowed", "ignored", "priority", "unmatched", "limit"}
    parameters = {
        f"ssm.parameter.{made.path}/{name}"
        for name in (
            *("honeycomb/endpoint", "honeycomb/dataset", "logs/group-name"),
            *("xray/group-name", "xray/sampling-rule-name"),
        )
    }
    key = f"ssm.parameter.{made.path}/honeycomb/api-key"
    return {
        "GetGroup": {f"xray.group.{made.name}", "xray.group.effect", "xray.group.nodes"},
        "GetSamplingRules": {*rules, *EFFECTIVE, *(f"xray.rule.{name}" for name in of_rules)},
        "GetTraceSummaries": {"xray.group.effect"},
        "BatchGetTraces": {"xray.group.effect"},
        "GetServiceGraph": {"xray.group.nodes"},
        "ListResourcePolicies": {"xray.resource-policy"},
        "GetParameters": {*parameters, key, *OF_KEY},
        "DescribeParameters": {key},
        "GetParametersByPath": {"ssm.key.copies"},
        "GetParameterHistory": {"ssm.parameter.history"},
        "DescribeLogGroups": {f"logs.group.{made.path}"},
        "Decrypt": {key, *OF_KEY},
    }[operation]


def _with(made: Made, clients: Clients) -> dict[str, Result]:
    """Return what isn't passed when *clients* ask."""
    return Made(made.units, clients, made.key, made.variables).wrong()


def _told(wrong: dict[str, Result]) -> list[Result]:
    """Return the failures: what was skipped is so because of one of them."""
    return [one for one in wrong.values() if one.status is Status.FAIL]


@pytest.mark.parametrize(
    "action",
    [
        "xray:GetGroup",
        "xray:GetSamplingRules",
        "xray:GetTraceSummaries",
        "xray:BatchGetTraces",
        "xray:GetServiceGraph",
        "xray:ListResourcePolicies",
        "ssm:GetParameters",
        "ssm:DescribeParameters",
        "ssm:GetParametersByPath",
        "ssm:GetParameterHistory",
        "logs:DescribeLogGroups",
    ],
)
def test_each_denied_action_is_named(
    made: Made, denying: Callable[[str], AbstractContextManager[Clients]], action: str
) -> None:
    """Everything else is verified all the same; what needs the action says which one to allow."""
    made.send(made.name)
    with denying(action) as clients:
        wrong = _with(made, clients)
    assert set(wrong) == _checks(made, action.partition(":")[2])
    for one in _told(wrong):
        assert action.partition(":")[2] in one.actual
        assert f"have {action} allowed" in one.remedy
    assert _told(wrong)


@pytest.mark.parametrize("text", ["", None])
def test_traces_that_cannot_be_read_are_told_without_a_filter(
    made: Made, denying: Callable[[str], AbstractContextManager[Clients]], text: str | None
) -> None:
    """The rules are looked at without them: that nothing is known of requests is told, group or none."""
    made.clients.xray().delete_group(GroupName=made.name)
    if text is not None:
        made.ask("xray", filter_expression=text)
        made.clients.xray().create_group(GroupName=made.name)
    with denying("xray:GetTraceSummaries") as clients:
        effect = _with(made, clients)["xray.group.effect"]
    assert effect.status is Status.FAIL
    assert effect.remedy.startswith("have xray:GetTraceSummaries allowed")


def test_a_denied_decryption_is_named(
    made: Made, denying: Callable[[str], AbstractContextManager[Clients]]
) -> None:
    """Where the key has a KMS key of its own, SSM's call fails for KMS's action: that one is told."""
    import boto3

    kms = boto3.Session().client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    made.ask("honeycomb-key", kms_key_id=arn)
    made.put_key(made.key, KeyId=arn)
    assert made.wrong() == {}
    with denying("kms:Decrypt") as clients:
        wrong = _with(made, clients)
    assert set(wrong) == _checks(made, "Decrypt")
    [told] = _told(wrong)
    assert "kms:Decrypt" in told.actual
    assert told.remedy.startswith(f"have kms:Decrypt allowed for these credentials on {arn}")
    assert made.key not in repr(wrong)


@pytest.mark.parametrize(
    "operation",
    [
        "GetGroup",
        "GetSamplingRules",
        "GetTraceSummaries",
        "BatchGetTraces",
        "GetServiceGraph",
        "ListResourcePolicies",
        "GetParameters",
        "DescribeParameters",
        "GetParametersByPath",
        "GetParameterHistory",
    ],
)
def test_each_throttled_call_is_named(
    made: Made, opened: Environment, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it lasts: a failure that says which call, and to wait."""
    monkeypatch.setattr(paging, "PAUSES_SECONDS", (0.0, 0.0, 0.0))
    made.send(made.name)
    which = Throttling(operation, ALWAYS)
    with throttling(opened.variables["AWS_ENDPOINT_URL"], which) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        wrong = _with(made, Clients(opened.variables["AWS_REGION"]))
    assert set(wrong) == _checks(made, operation)
    for one in _told(wrong):
        assert operation in one.actual
        assert one.remedy.startswith("wait a minute and run it again")
    assert _told(wrong)


def test_a_page_that_is_throttled_is_asked_for_again(
    made: Made, opened: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list goes on where it was: the copy of the key on its last page is found."""
    monkeypatch.setattr(paging, "PAUSES_SECONDS", (0.0, 0.0, 0.0))
    for number in range(45):
        made.put(f"many/{number:02}", "of no interest")
    made.put("many/99", made.key)
    which = Throttling("GetParametersByPath", times=2, after=3)
    with throttling(opened.variables["AWS_ENDPOINT_URL"], which) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        wrong = _with(made, Clients(opened.variables["AWS_REGION"]))
    assert which.throttled == 2  # and then not any more
    assert set(wrong) == {"ssm.key.copies"}
    assert "/many/99" in wrong["ssm.key.copies"].actual


def test_pages_that_turn_in_a_circle_end() -> None:
    """An answer that names its own page again is no end of the list."""
    with pytest.raises(ValueError, match="came twice"):
        list(paging.pages(lambda **_: {"NextToken": "again"}))


def test_policies_of_others(made: Made) -> None:
    """X-Ray's resource policies: none unless env.hcl names it, and each other one by its name."""
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": '
        '"sns.amazonaws.com"}, "Action": "xray:PutTraceSegments", "Resource": "*"}]}'
    )
    for name in ("theirs", "sns-active-tracing"):
        made.clients.xray().put_resource_policy(PolicyName=name, PolicyDocument=document)
    made.set(resource_policies=["sns-active-tracing"])
    wrong = made.wrong()
    assert set(wrong) == {"xray.resource-policy"}
    told = wrong["xray.resource-policy"]
    assert (told.expected, told.actual) == ("none but sns-active-tracing", "sns-active-tracing, theirs")
    assert "by theirs (" in told.remedy
    assert "resource_policies of env.hcl" in told.remedy
    made.set(resource_policies=["sns-active-tracing", "theirs"])
    assert made.wrong() == {}


@pytest.mark.parametrize("setting", ["theirs", [1], {"a": 1}, None])
def test_a_setting_of_another_kind_is_told(made: Made, setting: object) -> None:
    """Nothing is verified by a list that nobody can read."""
    from scripts.errors import OperatorError

    made.set(resource_policies=setting)
    with pytest.raises(OperatorError, match=r"resource_policies is .* expected a list of names"):
        made.verify()
