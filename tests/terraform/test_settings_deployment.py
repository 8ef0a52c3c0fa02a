"""Settings of a deployment: what can't be is told by name before AWS is asked for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.terraform.test_settings import problems
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from tests.terraform.commands import Tree

KEY = "arn:aws:kms:eu-west-1:210987654321:key/1-2"
WRONG = {
    "alarm_emails": ('"a@b.c"', "a list"),
    "alarm_faults_percent": ("100", "a number from 0.1 to 99.9"),
    "alarm_kms_key_id": ('"alias/x"', "a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), or null"),
    "alarm_latency_seconds": ('"slow"', "a number from 0.001 to 900"),
    "network_cidr": ("10", "a text"),
    "network_endpoints": ('"s3"', "a list"),
    "network_existing": (
        '"vpc-1"',
        '{ vpc_id = "vpc-...", public_subnet_ids = [...], private_subnet_ids = [...] }, or null',
    ),
    "network_flow_logs": ('"no"', "true or false"),
    "network_nat": ('"two"', "one of single, zone, none"),
    "network_reserved_cidrs": ("null", "a list"),
    "network_zones": ("4", "one of 2, 3"),
    "registry_force_delete": ("1", "true or false"),
    "registry_images_kept": ("9", "a number from 10 to 10000"),
    "service_certificate_arn": ("null", "a text"),
    "service_collector_image": ("null", "a text"),
    "service_cpu": ("300", "one of 256, 512, 1024, 2048, 4096"),
    "service_domain_name": ("false", "a text"),
    "service_environment": ('["a"]', 'values by name, as in { A = "b" }'),
    "service_hosted_zone_id": ("5", "a text"),
    "service_ingress_cidrs": ('"0.0.0.0/0"', "a list"),
    "service_memory": ('"1 GB"', "a number"),
    "service_requests_target": ("0", "a number from 1 to 1000000000"),
    "service_tasks_max": ("null", "a number from 1 to 5000"),
    "service_tasks_min": ('"two"', "a number from 1 to 5000"),
    "service_workers": ("-1", "a number from 1 to 256"),
    "tracing_mode": ("null", "one of collector, direct"),
}
RIGHT = {
    "alarm_faults_percent": "0.1",
    "alarm_kms_key_id": f'"{KEY}"',
    "alarm_latency_seconds": "900",
    "network_endpoints": '["s3"]',
    "network_existing": '{ vpc_id = "vpc-01234567", public_subnet_ids = [], private_subnet_ids = [] }',
    "network_zones": "3",
    "registry_force_delete": "true",
    "registry_images_kept": "10",
    "service_cpu": "4096",
    "service_environment": '{ A = "b" }',
    "service_name": "null",
    "service_tasks_max": "5000",
    "tracing_mode": '"direct"',
}


def test_settings_of_the_deployment_are_told_by_name_before_aws_is_asked(tree: Tree) -> None:
    """Each by one sentence with what was expected: a wrong kind, a value that can't be, null, no such."""
    lines = [f"  {name} = {value}" for name, (value, _) in WRONG.items()]
    tree.set("dev", "\n".join([ACCOUNT, *lines, "  service_port = 1"]))
    found = problems(tree)
    assert found == [
        *(f"{name} is {value}, expected {expected}" for name, (value, expected) in WRONG.items()),
        "there is no setting service_port; the settings are in defaults.hcl",
    ]
    done = tree.terragrunt("dev/network", "plan")
    assert done.code != 0
    assert f"config/dev/env.hcl: {found[0]}" in done.text
    assert "Initializing" not in done.text


def test_every_setting_of_the_deployment_is_looked_at(tree: Tree) -> None:
    """A new one gets its row above; those that are as they should be have no problem."""
    names = set(tree.render("local/xray")["locals"]["root"]["defaults"]["settings"])
    kinds = ("alarm_", "network_", "registry_", "service_", "tracing_")
    assert {name for name in names if name.startswith(kinds)} - {"service_name"} == set(WRONG)
    lines = [f"  {name} = {value}" for name, value in RIGHT.items()]
    assert problems(tree.set("dev", "\n".join([ACCOUNT, *lines]))) == []
