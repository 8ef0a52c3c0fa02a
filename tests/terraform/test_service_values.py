"""Stack service: values that ECS, Fargate or ELB would refuse are refused at plan, each in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform import modules
from tests.terraform.service_inputs import GOOD

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = GOOD | {"image_parameter_name": "", "repository_url": ""}
COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
TOKEN = "ROLLBAR_ACCESS_" + "TOKEN"
SECRETS = ["TOK" + "EN", "SEC" + "RET", "DB_PASSW" + "D", "SSH_PASSPHR" + "ASE"]
SECRETS += [f"{kind}_K" + "EY" for kind in ("SECRET", "PRIVATE", "SIGNING_SECRET", "MAPS_API")]
PLAIN = ["MONKEY_PATCH", "PUBLIC_KEY_ID", "TRUSTED_HEADERS_COUNT"]
LONG = "a" * 61

CASES: list[tuple[dict[str, Any], str]] = [
    ({"name": "n" * 33}, "has 33 characters; a load balancer's has 1 to 32"),
    ({"name": "internal-api"}, "doesn't begin with internal-"),
    ({"name": "api-"}, "none at an end"),
    ({"cluster_name": "a b"}, "must have 1 to 255 letters"),
    ({"account_id": "12345"}, "must be an AWS account's twelve digits"),
    ({"parameter_path": "a/b"}, "parameter_path must start with /"),
    ({"execution_role_name": "a/b"}, "execution_role_name"),
    ({"task_role_name": ""}, "task_role_name"),
    ({"log_group_name": "a:b"}, "must have 1 to 512 letters"),
    ({"vpc_id": "mine"}, "must be a VPC's id"),
    ({"public_subnet_ids": ["subnet-00000001"]}, "a load balancer needs two zones"),
    ({"private_subnet_ids": []}, "expected ids such as subnet-"),
    ({"ingress_cidrs": ["10.0.0.1/8"]}, "written by their first address"),
    ({"ingress_cidrs": ["fd00::/8"]}, "expected IPv4 networks"),
    ({"ingress_cidrs": []}, "expected IPv4 networks"),
    ({"public_paths": []}, "1 to 5 paths"),
    ({"public_paths": ["api/*"]}, "each beginning with /"),
    ({"public_paths": [f"/{n}" for n in range(6)]}, "1 to 5 paths"),
    ({"repository_url": "docker.io/library/python"}, "must be an ECR repository's address"),
    ({"image_parameter_name": "image"}, "must be a parameter's whole name"),
    ({"collector_image": f"{COLLECTOR}:latest"}, "must be pinned"),
    ({"collector_image": COLLECTOR}, "must be pinned"),
    ({"collector_image": f"{COLLECTOR}:v0.43"}, "must be pinned"),
    ({"collector_image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/c:v0.43.3"}, "another account's ECR"),
    ({"tracing_mode": "off"}, "expected collector or direct"),
    ({"service_name": "s" * 65}, "has 65 characters; X-Ray allows 64"),
    ({"honeycomb_endpoint": "http://api.honeycomb.io"}, "Only 127.0.0.1 and localhost may have http"),
    ({"honeycomb_endpoint": "https://api.honeycomb.io/"}, "without a path or a slash at the end"),
    ({"honeycomb_dataset": " "}, "1 to 255 characters"),
    ({"honeycomb_key_version": 0}, "whole number from 1"),
    ({"cpu": 300}, "of Fargate's sizes 256, 512, 1024, 2048 and 4096 can be had"),
    ({"cpu": 256, "memory": 3072}, "expected 512, 1024 or 2048"),
    ({"cpu": 512, "memory": 512}, "expected a multiple of 1024 from 1024 to 4096"),
    ({"cpu": 1024, "memory": 1024}, "expected a multiple of 1024 from 2048 to 8192"),
    ({"cpu": 1024, "memory": 2500}, "which Fargate hasn't got with cpu 1024"),
    ({"cpu": 4096, "memory": 31744}, "expected a multiple of 1024 from 8192 to 30720"),
    ({"workers": 0}, "whole number from 1 to 256"),
    ({"tasks_min": 0}, "whole number from 1"),
    ({"tasks_max": 1}, "from tasks_min (2) to 5000"),
    ({"requests_target": 0}, "1 or more requests a minute"),
    ({"backend_environment": {"PORT": "80"}}, "sets what this stack sets itself"),
    ({"backend_environment": {"TRACING_REQUIRED": "false"}}, "sets what this stack sets itself"),
    ({"backend_environment": {TOKEN: "x"}}, f"looks like a secret: {TOKEN}"),
    *[({"backend_environment": {name: "x"}}, f"looks like a secret: {name}") for name in SECRETS],
    ({"backend_environment": {"lower": "x"}}, "capital letters, digits and _ alone: see lower"),
    ({"domain_name": ""}, "There is neither domain_name nor certificate_arn"),
    ({"domain_name": "API.example.com"}, "must be a host's name in lower case"),
    ({"domain_name": LONG + "a.bc"}, "has 65 characters, and ACM requests certificates for 64 at most"),
    ({"hosted_zone_id": "example.com"}, "must be a Route 53 zone's id"),
    ({"certificate_arn": "arn:aws:iam::123456789012:server-certificate/a"}, "must be an ACM certificate's"),
    ({"certificate_arn": CERTIFICATE.replace("123456789012", "210987654321")}, "is of another account"),
]


@pytest.fixture(scope="module")
def refusals(
    tmp_path_factory: pytest.TempPathFactory, shared_provider: dict[str, str]
) -> dict[str, list[str]]:
    """Return what a plan of all cases at once says of each."""
    cases = {f"case_{number}": INPUTS | values for number, (values, _) in enumerate(CASES)}
    done = modules.plan(tmp_path_factory.mktemp("service"), "service", cases, shared_provider)
    assert done.code == 1
    return modules.told(done)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_wrong_value_is_refused_in_one_line(number: int, refusals: dict[str, list[str]]) -> None:
    """The message names the value and what is expected."""
    values, message = CASES[number]
    found = refusals[f"case_{number}"]
    assert any(message in one for one in found), (values, found)
    assert all(len(one) < 600 for one in found)


def test_values_at_the_limits_are_planned(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """Fargate's smallest and largest tasks, the longest name, a digest, a certificate of one's own."""
    sizes = [(256, 512), (256, 2048), (512, 4096), (1024, 2048), (4096, 8192), (4096, 30720)]
    cases = {f"size_{cpu}_{memory}": INPUTS | {"cpu": cpu, "memory": memory} for cpu, memory in sizes}
    cases["longest"] = INPUTS | {"name": "n" * 32, "tasks_max": 5000, "public_paths": ["/*"]}
    cases["pinned"] = INPUTS | {"collector_image": f"{COLLECTOR}:v0.43.3@sha256:{'a' * 64}"}
    cases["own"] = INPUTS | {"domain_name": "", "certificate_arn": CERTIFICATE}
    cases["long"] = INPUTS | {"domain_name": LONG + "a.bc", "certificate_arn": CERTIFICATE}
    cases["named"] = INPUTS | {
        "domain_name": LONG[1:] + "a.bc",
        "backend_environment": dict.fromkeys(PLAIN, "x"),
    }
    cases["zone"] = INPUTS | {"hosted_zone_id": "Z0123456789ABCDEFGHIJ", "tracing_mode": "direct"}
    done = modules.plan(tmp_path, "service", cases, shared_provider)
    assert done.code == 0, modules.told(done)
    planned = modules.planned(tmp_path, shared_provider)
    assert set(planned) == set(cases)
    kinds = {name: [one["type"] for one in resources] for name, resources in planned.items()}
    assert all("aws_ecs_service" not in found for found in kinds.values())
    assert ("aws_acm_certificate" in kinds["own"], "aws_acm_certificate" in kinds["zone"]) == (False, True)
    assert kinds["zone"].count("aws_route53_record") == 2


def test_a_certificate_of_another_region_is_refused(tmp_path: Path, shared_provider: dict[str, str]) -> None:
    """ELB would refuse it when the load balancer is there already."""
    arn = CERTIFICATE.replace("us-east-1", "eu-west-1")
    done = modules.plan(tmp_path, "service", {"other": INPUTS | {"certificate_arn": arn}}, shared_provider)
    assert done.code == 1
    [line] = [line for lines in modules.told(done).values() for line in lines]
    assert line.startswith(
        f'certificate_arn "{arn}" is of another region than the load balancer\'s, us-east-1'
    )
