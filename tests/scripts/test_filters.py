"""Filter expressions that can't be read are refused before Terraform runs, and found in AWS by verify."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts import applying, filters, session
from scripts.commands import plan
from scripts.environment import Environment
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.preflight import Caller
from scripts.session import Session
from scripts.terragrunt.render import Target, Unit
from scripts.verify.check import Result, Status
from scripts.verify.expected import Group
from scripts.verify.xray import group_result

if TYPE_CHECKING:
    from argparse import Namespace

_WRONG = 'service("a") {fault'
_LOCAL = Environment("local", {})
_TARGET = Target("us-east-1", "123456789012", "/cruddur/local/backend-flask", "env.hcl")
_UNIT = Unit("xray", {"filter_expression": 'service("a")'}, "bucket", "key", "us-east-1", "", _TARGET)


def _units(filter_expression: object) -> dict[str, Unit]:
    other = replace(_UNIT, name="logs", inputs={"group_name": "g"})
    return {"logs": other, "xray": replace(_UNIT, inputs={"filter_expression": filter_expression})}


def test_readable_ones_pass() -> None:
    """And units without any."""
    filters.require_readable(_units('service("a") {fault}'), _LOCAL)


@pytest.mark.parametrize("value", [_WRONG, "", None, 5, ["ok"], {"a": "ok"}, "ok\nfoo", "(" * 20_000])
def test_others_are_refused_on_one_line(value: object) -> None:
    """Whatever was rendered: unit, reason with its place, and the file to correct."""
    with pytest.raises(OperatorError) as caught:
        filters.require_readable(_units(value), _LOCAL)
    text = str(caught.value)
    assert text.startswith("filter_expression of unit xray: Error Location: line ")
    assert text.endswith(": correct terraform/backend-app/config/local/xray/terragrunt.hcl")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("root", "file"),
    [
        ({"given": {"filter_expression": _WRONG}, "adopted": {}}, "env.hcl"),
        ({"given": {"filter_expression": "ok"}, "adopted": {"filter_expression": _WRONG}}, "adopted.hcl"),
        ({"given": {}, "adopted": {"group_name": "g"}}, "xray/terragrunt.hcl"),
    ],
)
def test_the_file_that_has_the_expression_is_named(root: dict[str, Any], file: str) -> None:
    """What was adopted goes before env.hcl's; without either it is the unit's."""
    with pytest.raises(OperatorError, match=rf": correct terraform/backend-app/config/local/{file}$"):
        filters.require_readable({"xray": replace(_units(_WRONG)["xray"], root=root)}, _LOCAL)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every session has a unit with a wrong filter; AWS is not there."""

    def begin(*_: object, **__: object) -> Session:
        caller = Caller("123456789012", "arn:aws:iam::123456789012:root", "us-east-1")
        return Session(_LOCAL, _units(_WRONG), caller, Output())

    monkeypatch.setattr(session, "begin", begin)
    monkeypatch.setattr("scripts.environment.load", lambda _: _LOCAL)


@pytest.mark.usefixtures("begun")
def test_plan_and_apply_refuse_before_anything_runs() -> None:
    """Neither the state bucket nor Terraform is asked."""
    arguments: Any = type("Arguments", (), {"env": "local", "unit": "xray"})
    with pytest.raises(OperatorError, match="filter_expression of unit xray"):
        _plan(arguments)
    with pytest.raises(OperatorError, match="filter_expression of unit xray"), ExitStack() as running:
        applying.prepare("local", "xray", Output(), running)


def _plan(arguments: Namespace) -> None:
    plan.run(arguments)


def _verified(in_aws: str | None, wanted: str) -> Result:
    # A real X-Ray, and the local one, would not take a filter that can't be read: the answer is written here.
    client = boto3.client(
        "xray", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    group: dict[str, Any] = {"GroupName": "g", "InsightsConfiguration": {"InsightsEnabled": False}}
    if in_aws is not None:
        group["FilterExpression"] = in_aws
    with Stubber(client) as stubber:
        stubber.add_response("get_group", {"Group": group}, {"GroupName": "g"})
        return group_result(client, Group("g", wanted, False, False), "run `make apply`")


def test_verify_fails_a_filter_in_aws_that_cant_be_read() -> None:
    """With the reason; where it is what was asked for, applying again would not help."""
    result = _verified(_WRONG, 'service("a")')
    assert (result.status, result.remedy) == (Status.FAIL, "run `make apply`")
    assert result.expected == 'filter=service("a")'
    assert result.actual.startswith(f"filter={_WRONG}; the filter can't be read: Error Location: line 1, ")
    result = _verified(_WRONG, _WRONG)
    assert result.status is Status.FAIL
    assert result.remedy == "correct filter_expression of unit xray, then run `make apply`"


def test_verify_passes_one_that_can() -> None:
    """As it did."""
    assert _verified('service("a")', 'service("a")').status is Status.PASS
    assert _verified(None, 'service("a")').actual == "filter="
