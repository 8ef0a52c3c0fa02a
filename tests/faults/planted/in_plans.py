"""What `make check PLAN=` finds in what Terraform is about to do."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.faults.fault import Fault, Found, Look
from tests.faults.world import NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.fault import Plant

_plan = partial(Fault, look=Look.PLAN)
SECRET = "hcaik_" + 58 * "s"
_AWS_KEY = "AKIA" + 16 * "Q"
_PEM = f"-----BEGIN {'PRIVATE'} KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END {'PRIVATE'} KEY-----"
_REMEDY = "delete the file and every copy"


def _edited(edit: Callable[[Any], object], name: str = "xray-create") -> Plant:
    return lambda hand: hand.plans(name, edit)


def _resources(plan: Any, kind: str) -> list[Any]:
    """Return the values of each resource of a type, where the plan says what is there after an apply."""
    root = plan["planned_values"]["root_module"]
    return [resource["values"] for resource in root["resources"] if resource["type"] == kind]


def _group(plan: Any, **values: object) -> None:
    _resources(plan, "aws_xray_group")[0].update(values)


def _rule(plan: Any, **values: object) -> None:
    [rule] = [one for one in _resources(plan, "aws_xray_sampling_rule") if one["rule_name"] == NAME]
    rule.update(values)


FAULTS = (
    _plan(
        "plan-backend-flash",
        "The plan is of an env.hcl with backend-flash in it; the one in the checkout is right already.",
        _edited(lambda plan: _group(plan, filter_expression='service("backend-flash")')),
        {"plan.xray.group.effect": Found('none meets service("backend-flash")', "correct filter_expression")},
    ),
    _plan(
        "plan-rule-for-Cruddur",
        "The plan's rule is for service Cruddur.",
        _edited(lambda plan: _rule(plan, service_name="Cruddur")),
        {
            "plan.xray.rule.service": Found(f"{NAME} is for Cruddur", f"the backend reports as {NAME}"),
            "plan.xray.rule.default": Found("11 of 14 routes", "have a rule for all requests"),
        },
    ),
    _plan(
        "plan-priorities-turned-round",
        "The plan's rule for everything goes before the one for health checks.",
        _edited(lambda plan: _rule(plan, priority=8000)),
        {"plan.xray.rule.shadowed": Found(f"behind {NAME} (priority 8000)", "the smaller priority")},
    ),
    _plan(
        "plan-with-the-key-in-a-variable",
        "Handed the key to Terraform as a plain variable.",
        _edited(lambda plan: plan["variables"].update(honeycomb_api_key={"value": SECRET})),
        {"plan.secrets": Found("(a Honeycomb key)", _REMEDY)},
    ),
    _plan(
        "plan-with-the-key-in-a-parameter",
        "Wrote the key as the plain value of a parameter.",
        _edited(
            lambda plan: _resources(plan, "aws_ssm_parameter")[0].update(insecure_value=SECRET),
            "honeycomb-create",
        ),
        {"plan.secrets": Found("(a Honeycomb key)", _REMEDY)},
    ),
    _plan(
        "plan-with-an-aws-key-in-a-tag",
        "Pasted the wrong thing into a tag.",
        _edited(lambda plan: _group(plan, tags={"Owner": _AWS_KEY})),
        {"plan.secrets": Found("(an AWS access key)", _REMEDY)},
    ),
    _plan(
        "plan-with-a-private-key",
        "An output shows a private key.",
        _edited(
            lambda plan: plan["planned_values"]["outputs"].update(pem={"sensitive": True, "value": _PEM})
        ),
        {"plan.secrets": Found("(a private key)", _REMEDY)},
    ),
    _plan(
        "plan-that-destroys",
        "Ran destroy where apply was meant.",
        _edited(lambda _: None, "xray-destroy"),
        {"plan.destroy": Found(f"group {NAME} is destroyed; rule {NAME} is destroyed", "give DESTROY=1")},
    ),
    _plan(
        "plan-in-terraforms-own-form",
        "Gave the plan itself, and not what `terraform show -json` prints.",
        lambda hand: hand.gives_plan(b"PK\x03\x04\x14\x00tfplan"),
        {},
        code=2,
        says="terraform show -json",
    ),
    _plan(
        "plan-of-another-version",
        "Uses a Terraform of years to come.",
        _edited(lambda plan: plan.update(format_version="2.0")),
        {},
        code=2,
        says="2.0",
    ),
    _plan(
        "plan-cut-short",
        "The disk was full when the plan was written.",
        lambda hand: hand.gives_plan(json.dumps({"format_version": "1.2"}).encode()[:-5]),
        {},
        code=2,
        says="terraform show -json",
    ),
)
