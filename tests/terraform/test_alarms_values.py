"""Stack alarms: values that CloudWatch, SNS or X-Ray would refuse are refused at plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.modules import plan, told
from tests.terraform.test_alarms import GOOD

if TYPE_CHECKING:
    from pathlib import Path

CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "a b"}, 'name "a b" must have 1 to 200 letters'),
    ({"xray_group_name": "g" * 33}, "has 33 characters; X-Ray allows 1 to 32"),
    ({"filter_expression": " "}, "filter_expression is empty"),
    ({"service_name": 'a"b'}, "must have 1 to 64 letters, digits, spaces"),
    ({"log_group_name": "a b"}, "must have 1 to 512 letters"),
    ({"tracing_mode": "both"}, 'tracing_mode is "both", expected collector or direct'),
    ({"emails": ["nobody"]}, 'emails must be addresses: "nobody"'),
    ({"kms_key_id": "alias/aws/sns"}, "kms_key_id must be a key's ARN"),
    ({"faults_percent": 0}, "faults_percent is 0, expected a number above 0 and below 100"),
    ({"faults_percent": 100}, "faults_percent is 100"),
    ({"latency_seconds": 0}, "latency_seconds is 0, expected seconds from 0.001 to 900"),
    ({"slow_percent": 100}, "slow_percent is 100"),
    ({"traces_min": 1.5}, "traces_min is 1.5, expected a whole number"),
    ({"alb_arn_suffix": "arn:aws:x"}, "alb_arn_suffix must be an application load balancer's"),
    ({"alb_arn_suffix": None}, "target_group_arn_suffix needs alb_arn_suffix"),
    ({"target_group_arn_suffix": "x"}, "target_group_arn_suffix must be targetgroup/"),
    ({"honeycomb_url": "http://x"}, "honeycomb_url must be an https address"),
]


@pytest.fixture(scope="module")
def refusals(
    tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]
) -> dict[str, list[str]]:
    """What a plan of all cases at once says, by case."""
    cases = {f"case_{number}": GOOD | values for number, (values, _) in enumerate(CASES)}
    done = plan(tmp_path_factory.mktemp("alarms"), "alarms", cases, shared_provider)
    assert done.code == 1
    return told(done)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_bad_value_is_refused_at_plan(number: int, refusals: dict[str, list[str]]) -> None:
    """By a line that says what was expected."""
    assert any(CASES[number][1] in line for line in refusals[f"case_{number}"])


def test_values_at_the_limits_are_planned(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """The longest names, the smallest and largest numbers."""
    least = {"faults_percent": 0.1, "latency_seconds": 0.001, "slow_percent": 0.1, "traces_min": 1}
    most = {"faults_percent": 99.9, "latency_seconds": 900, "slow_percent": 99.9, "name": "n" * 200}
    cases = {"least": GOOD | least, "most": GOOD | most | {"service_name": "s" * 64, "emails": []}}
    done = plan(tmp_path, "alarms", cases, shared_provider)
    assert done.code == 0, done.text
