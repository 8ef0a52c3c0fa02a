"""Stack access: names of a deployment that IAM would take for more than one thing are refused at plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.modules import plan, planned, told

if TYPE_CHECKING:
    from pathlib import Path

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
GOOD: dict[str, Any] = {
    "name": "n" * 54,
    "account_id": "123456789012",
    "parameter_path": "/a/b",
    "xray_group_name": "g" * 32,
    "xray_sampling_rule_names": ["r" * 32],
    "log_group_name": "/a/b",
    "github": {"owner": "o", "repository": "r"},
    "github_environment": "dev",
    "state_bucket": "states",
    "state_prefix": "s",
    "injected_parameters": ["honeycomb/api-key"],
    "cluster_name": "c" * 200,
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "owner_tags": {"Service": "s"},
    "flow_logs_group_name": "/a/flow-logs",
}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "n" * 55}, "must have 1 to 54 letters"),
    ({"injected_parameters": ["*"]}, "each must be a parameter's name below parameter_path"),
    ({"injected_parameters": ["/a/b"]}, "each must be a parameter's name below parameter_path"),
    ({"collector_image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/*"}, "no * or ?"),
    ({"cluster_name": "c*"}, "must have 1 to 255 letters, digits, - and _ alone"),
    ({"hosted_zone_id": "/hostedzone/Z1"}, "without /hostedzone/"),
    ({"owner_tags": {}}, "owner_tags must be one tag at least"),
    ({"owner_tags": {"Service": "*"}}, "owner_tags must be one tag at least"),
    ({"flow_logs_group_name": "/a/*"}, "flow_logs_group_name"),
]


@pytest.fixture(scope="module")
def refusals(
    tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]
) -> dict[str, list[str]]:
    """What a plan of all cases at once says, by case."""
    cases = {f"case_{number}": GOOD | values for number, (values, _) in enumerate(CASES)}
    done = plan(tmp_path_factory.mktemp("access"), "access", cases, shared_provider)
    assert done.code == 1
    return told(done)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_bad_value_is_refused_at_plan(number: int, refusals: dict[str, list[str]]) -> None:
    """By a line that says what was expected."""
    assert any(CASES[number][1] in line for line in refusals[f"case_{number}"])


def test_values_at_the_limits_are_planned(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """The longest names; without a zone nothing of Route 53; a collector's image in the account's ECR.

    Nothing is added for one in a public registry or in another account's, of which no policy here decides.
    """
    images = {
        "own": f"{ECR}/ecr-public/aws-otel-collector:v0.43.3@sha256:{'a' * 64}",
        "elsewhere": f"{ECR.replace('us-east-1', 'eu-west-1')}/collector:v0.43.3",
        "public": "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3",
        "other": f"{ECR.replace('123456789012', '210987654321')}/collector:v0.43.3",
    }
    cases = {name: GOOD | {"collector_image": image} for name, image in images.items()}
    cases |= {"with": GOOD, "without": GOOD | {"hosted_zone_id": ""}}
    done = plan(tmp_path, "access", cases, shared_provider)
    assert done.code == 0, done.text
    found = {name: pulled(resources) for name, resources in planned(tmp_path, shared_provider).items()}
    arn = "arn:aws:ecr:{}:123456789012:repository/{}"
    own = arn.format("us-east-1", "n" * 54)
    assert found == {
        "own": [own, arn.format("us-east-1", "ecr-public/aws-otel-collector")],
        "elsewhere": [own, arn.format("eu-west-1", "collector")],
    } | {name: [own] for name in ("public", "other", "with", "without")}


def pulled(resources: list[dict[str, Any]]) -> list[str]:
    """Return the repositories that the execution role may pull from, of planned *resources*."""
    [policy] = [one["values"]["policy"] for one in resources if one["address"].endswith("policy.execution")]
    statements = json.loads(policy)["Statement"]
    return [one["Resource"] for one in statements if "ecr:BatchGetImage" in one["Action"]]
