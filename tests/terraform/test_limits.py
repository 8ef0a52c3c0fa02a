"""Values that X-Ray, SSM or Honeycomb would refuse are refused at plan, with the limit named."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.commands import APP, STACKS, Finished, base_environment, run

if TYPE_CHECKING:
    from pathlib import Path

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
RULE = {"priority": 1, "reservoir_size": 0, "fixed_rate": 0.5}
GOOD: dict[str, dict[str, Any]] = {
    "xray": {"group_name": "g" * 32, "filter_expression": "fault", "sampling_rules": {"r" * 32: RULE}},
    "honeycomb": {
        "parameter_path": "/a/b",
        "endpoint": "https://api.eu1.honeycomb.io",
        "dataset": "d",
        "xray_group_name": "g",
        "xray_sampling_rule_name": "r",
    },
    "honeycomb-key": {"parameter_path": "/a/b", "key_version": 1},
    "logs": {"parameter_path": "/a/b", "group_name": "/a/b", "retention_days": 30},
    "access": {
        "name": "n" * 54,
        "account_id": "123456789012",
        "parameter_path": "/a/b",
        "xray_group_name": "g" * 32,
        "xray_sampling_rule_names": ["r" * 32],
        "log_group_name": "/a/b",
        "github_environment": "dev",
        "state_bucket": "states",
        "state_prefix": "s",
        "cluster_name": "c",
        "owner_tags": {"Service": "s"},
        "flow_logs_group_name": "/a/flow-logs",
    },
}
GITHUB = {"owner": "o" * 39, "repository": "r" * 100, "owner_id": "1", "repository_id": "2"}


@dataclass(frozen=True)
class Case:
    """One bad value of one stack, and what the message must say."""

    stack: str
    values: dict[str, Any]
    message: str


def rule(**values: Any) -> dict[str, Any]:
    """Return the input with one rule, called bad, of these values."""
    return {"sampling_rules": {"bad": {**RULE, **values}}}


def github(**values: Any) -> dict[str, Any]:
    """Return the input with a repository of these values."""
    return {"github": {**GITHUB, **values}}


CASES = [
    Case("xray", {"group_name": ""}, 'group_name "" has 0 characters; X-Ray allows 1 to 32'),
    Case("xray", {"group_name": "g" * 33}, "has 33 characters; X-Ray allows 1 to 32"),
    Case("xray", {"group_name": "Default"}, "group_name must not be Default"),
    Case("xray", {"filter_expression": "  "}, "filter_expression is empty"),
    Case("xray", {"insights_notifications_enabled": True}, "needs insights_enabled = true"),
    Case("xray", {"encryption": {"type": "AES"}}, "encryption.type must be NONE or KMS"),
    Case("xray", {"encryption": {"type": "KMS"}}, "encryption.key_id is required with type KMS"),
    Case("xray", {"encryption": {"type": "KMS", "key_id": "k"}}, "encryption.key_id must be a key's ARN"),
    Case("xray", {"encryption": {"type": "NONE", "key_id": KEY_ARN}}, "not allowed with NONE"),
    Case(
        "xray", {"sampling_rules": {f"r{n}": RULE for n in range(26)}}, "26 sampling rules; X-Ray allows 25"
    ),
    Case("xray", {"sampling_rules": {"r" * 33: RULE}}, "must have 1 to 32 characters"),
    Case("xray", {"sampling_rules": {"Default": RULE}}, "not be Default"),
    Case("xray", rule(priority=0), "priority must be a whole number from 1 to 9999: bad has 0"),
    Case("xray", rule(priority=10000), "from 1 to 9999: bad has 10000"),
    Case("xray", rule(priority=1.5), "from 1 to 9999: bad has 1.5"),
    Case("xray", rule(fixed_rate=1.01), "fixed_rate must be from 0 to 1: bad has 1.01"),
    Case("xray", rule(fixed_rate=-0.1), "from 0 to 1: bad has -0.1"),
    Case("xray", rule(reservoir_size=-1), "whole number, 0 or more: bad has -1"),
    Case("xray", rule(reservoir_size=0.5), "whole number, 0 or more: bad has 0.5"),
    Case("xray", rule(service_name="s" * 65), "at most 64 characters each: see bad"),
    Case("xray", rule(service_type="s" * 65), "at most 64 characters each: see bad"),
    Case("xray", rule(host="s" * 65), "at most 64 characters each: see bad"),
    Case("xray", rule(http_method="m" * 11), "http_method may have at most 10 characters: see bad"),
    Case("xray", rule(url_path="/" * 129), "url_path may have at most 128 characters: see bad"),
    Case("xray", rule(resource_arn="a" * 501), "resource_arn may have at most 500 characters: see bad"),
    Case("xray", rule(version=0), "version must be a whole number, 1 or more: see bad"),
    Case("xray", rule(attributes={f"k{n}": "v" for n in range(6)}), "attributes may be at most 5"),
    Case("xray", rule(attributes={"k": "v" * 33}), "of 1 to 32 characters: see bad"),
    Case("xray", rule(attributes={"k" * 33: "v"}), "of 1 to 32 characters: see bad"),
    Case("xray", rule(attributes={"k": "v"}), "SDKs skip rules with attributes"),
    Case("xray", rule(resource_arn="arn:aws:x"), "without a word: see bad"),
    Case("xray", rule(version=2), "Set allow_rules_that_sdks_ignore = true"),
    Case("honeycomb", {"parameter_path": "a/b"}, "parameter_path must start with /"),
    Case("honeycomb", {"parameter_path": "/a" * 14}, "SSM allows 15 levels"),
    Case("honeycomb", {"parameter_path": "/aws/b"}, "SSM reserves them"),
    Case("honeycomb", {"endpoint": "https://api.honeycomb.io/"}, "without a path or a slash at the end"),
    Case("honeycomb", {"endpoint": "http://api.honeycomb.io"}, "plain http to another machine"),
    Case("honeycomb", {"dataset": " "}, "dataset must have 1 to 255 characters"),
    Case("honeycomb", {"xray_group_name": "g" * 33}, "has 33 characters; X-Ray allows 1 to 32"),
    Case("honeycomb", {"xray_sampling_rule_name": ""}, "has 0 characters; X-Ray allows 1 to 32"),
    Case("honeycomb-key", {"parameter_path": "/ssm/b"}, "SSM reserves them"),
    Case("honeycomb-key", {"key_version": 0}, "key_version must be a whole number from 1"),
    Case("honeycomb-key", {"key_version": 1.5}, "key_version must be a whole number from 1"),
    Case("honeycomb-key", {"kms_key_id": "alias/mine"}, "kms_key_id must be a key's ARN"),
    Case("honeycomb-key", {"honeycomb_api_key": "wrong key"}, "honeycomb_api_key is malformed"),
    Case("logs", {"parameter_path": "a/b"}, "parameter_path must start with /"),
    Case("logs", {"group_name": ""}, "must have 1 to 512 letters"),
    Case("logs", {"group_name": "g" * 513}, "must have 1 to 512 letters"),
    Case("logs", {"group_name": "a:b"}, 'group_name "a:b" must have'),
    Case("logs", {"group_name": "aws/b"}, "CloudWatch Logs reserves it"),
    Case("logs", {"retention_days": 0}, "retention_days is 0; CloudWatch Logs allows 1, 3, 5,"),
    Case("logs", {"retention_days": 31}, "retention_days is 31; CloudWatch Logs allows 1, 3, 5,"),
    Case("logs", {"kms_key_id": "alias/mine"}, "kms_key_id must be a key's ARN"),
    Case("access", {"name": "n" * 55}, "IAM allows a role 64 characters"),
    Case("access", {"account_id": "12345"}, "must be an AWS account's twelve digits"),
    Case("access", {"parameter_path": "a/b"}, "parameter_path must start with /"),
    Case("access", {"honeycomb_kms_key_id": "alias/mine"}, "IAM knows keys by nothing else"),
    Case("access", {"xray_group_name": "g*"}, "no * or ?, which IAM would take for any text"),
    Case("access", {"xray_sampling_rule_names": ["a", "b*"]}, "each must have 1 to 32 characters, no * or ?"),
    Case("access", {"xray_sampling_rule_names": ["a?bc"]}, "each must have 1 to 32 characters, no * or ?"),
    Case("access", {"xray_sampling_rule_names": ["r" * 33]}, "each must have 1 to 32 characters"),
    Case("access", {"xray_sampling_rule_names": ["Default"]}, "not be Default"),
    Case("access", {"github_verify_workflow": "*.yml"}, 'github_verify_workflow "*.yml" must be'),
    Case("access", {"github_verify_workflow": ".github/workflows/v.yml"}, "the file's name alone"),
    Case("access", {"log_group_name": "a*"}, "must have 1 to 512 letters"),
    Case("access", {"github_environment": "dev*"}, 'github_environment "dev*" must have'),
    Case("access", {"github_oidc_provider_arn": "arn:aws:iam::1:x"}, "or empty"),
    Case("access", {"state_bucket": "Our_States"}, "lower-case letters, digits, dots and hyphens"),
    Case("access", {"state_prefix": "*"}, "must have 1 to 128 letters"),
    Case("access", github(owner="octo org"), "1 to 39 letters, digits, _ and -"),
    Case("access", github(owner="*"), "1 to 39 letters, digits, _ and -"),
    Case("access", github(repository="octo-org/octo-repo"), "without its owner"),
    Case("access", github(repository="octo-*"), "1 to 100 letters, digits and ._-"),
    Case("access", github(repository_id="*"), "must be numbers, as `gh api repos/"),
    Case("access", github(owner_id=None), "give both, or neither"),
    Case("access", github(branch="release/*"), "without refs/heads/ and wildcards"),
]


def plan(folder: Path, modules: dict[str, tuple[str, dict[str, Any]]], provider: dict[str, str]) -> Finished:
    """Plan all *modules* (name: stack, inputs) in one run that reaches no AWS.

    The values pass through one variable: only then does Terraform evaluate every validation in one go.
    """
    for stack in STACKS:
        shutil.copytree(APP / "stacks" / stack, folder / stack, ignore=shutil.ignore_patterns(".terraform*"))
    blocks = {
        name: {"source": f"./{stack}"} | {key: f'${{var.cases["{name}"]["{key}"]}}' for key in inputs}
        for name, (stack, inputs) in modules.items()
    }
    skip = dict.fromkeys(
        ("skip_credentials_validation", "skip_requesting_account_id", "skip_metadata_api_check"), True
    )
    root = {
        "variable": {"cases": {"type": "any"}},
        "provider": {"aws": {"region": "us-east-1"} | skip},
        "module": blocks,
    }
    (folder / "main.tf.json").write_text(json.dumps(root))
    cases = {name: inputs for name, (_, inputs) in modules.items()}
    (folder / "terraform.tfvars.json").write_text(json.dumps({"cases": cases}))
    environment = base_environment() | provider
    initialised = run(["terraform", "init", "-no-color"], folder, environment)
    assert initialised.code == 0, initialised.text
    return run(["terraform", "plan", "-refresh=false", "-input=false", "-json"], folder, environment)


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]) -> dict[str, str]:
    """Return the errors of a plan of all cases at once, by case."""
    modules = {f"case_{n}": (case.stack, GOOD[case.stack] | case.values) for n, case in enumerate(CASES)}
    done = plan(tmp_path_factory.mktemp("cases"), modules, shared_provider)
    assert done.code == 1
    found: dict[str, str] = {}
    for line in map(json.loads, done.output.splitlines()):
        diagnostic = line.get("diagnostic")
        if diagnostic is not None:
            module = str(diagnostic["snippet"]["context"]).removeprefix("module.")
            found[module] = found.get(module, "") + " ".join(diagnostic["detail"].split()) + "\n"
    return found


@pytest.mark.parametrize("number", range(len(CASES)))
def test_value_beyond_a_limit_is_refused_at_plan(number: int, refusals: dict[str, str]) -> None:
    """The message names the limit, and the rule that breaks it."""
    assert CASES[number].message in refusals[f"case_{number}"]


def test_key_that_is_refused_is_not_repeated(refusals: dict[str, str]) -> None:
    """A malformed key may still be most of a real one."""
    assert "wrong key" not in "".join(refusals.values())


def test_values_at_the_limits_are_planned(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """Names of 32 characters, the widest numbers, longest patterns and explicitly allowed rules pass."""
    patterns = {"service_name": "s" * 64, "service_type": "t" * 64, "host": "h" * 64}
    patterns |= {"http_method": "m" * 10, "url_path": "/" * 128, "resource_arn": "a" * 500}
    attributes = {f"{n}" * 32: "v" * 32 for n in range(5)}
    numbers = {"priority": 9999, "reservoir_size": 1000000, "fixed_rate": 1, "version": 2}
    widest = {"w" * 32: {**patterns, **numbers, "attributes": attributes}}
    rules = widest | {f"r{n}": RULE for n in range(24)}
    xray = {
        **GOOD["xray"],
        "sampling_rules": rules,
        "allow_rules_that_sdks_ignore": True,
        "insights_enabled": True,
    }
    modules = {
        "xray": (
            "xray",
            {
                **xray,
                "insights_notifications_enabled": True,
                "encryption": {"type": "KMS", "key_id": KEY_ARN},
            },
        ),
        "honeycomb": ("honeycomb", {**GOOD["honeycomb"], "endpoint": "http://127.0.0.1:8080"}),
        "key": ("honeycomb-key", {**GOOD["honeycomb-key"], "parameter_path": "/a" * 13}),
        "logs": (
            "logs",
            {**GOOD["logs"], "group_name": "g" * 512, "retention_days": 3653, "kms_key_id": KEY_ARN},
        ),
        "access": ("access", {**GOOD["access"], **github(), "honeycomb_kms_key_id": KEY_ARN}),
    }
    done = plan(tmp_path, modules, shared_provider)
    assert done.code == 0, done.text
    assert "Plan: 59 to add, 0 to change, 0 to destroy" in done.text
