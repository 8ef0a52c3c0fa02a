"""Unit and stack service: what the unit asks for, and the stack's life at the local cloud."""

from __future__ import annotations

import fnmatch
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.commands import run
from tests.terraform.local_aws import LocalAws, Stack
from tests.terraform.service_inputs import GOOD, NAME, PARAMETER, PATH, push, write_image
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.terraform.commands import Tree

CLUSTER = GOOD["cluster_name"]
ANSWERS = {
    "/api/activities/home": "forward",
    "/health": "forward",
    "/health/tracing": "404",
    "/health/": "404",
    "/healthy": "404",
    "/rollbar/test": "404",
    "/%72ollbar/test": "404",
    "//rollbar/test": "404",
    "/demo/failure": "404",
    "/": "404",
    "/Health/tracing": "404",
}


def network(aws: LocalAws) -> dict[str, Any]:
    """Make a VPC with four subnets in two zones, and return the inputs that name them."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{'ab'[n % 2]}")
        for n in range(4)
    ]
    ids = [subnet["Subnet"]["SubnetId"] for subnet in subnets]
    return {"vpc_id": vpc, "public_subnet_ids": ids[:2], "private_subnet_ids": ids[2:]}


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """A local AWS with what other stacks make: roles, log group, repository, the parameter with none."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [trust | {"Action": "sts:AssumeRole"}]}
    with LocalAws() as running:
        running.reset()
        for role in ("execution", "task"):
            name, text = f"{NAME}-{role}", json.dumps(document)
            running.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=text)
        running.client("logs").create_log_group(logGroupName=PATH)
        running.client("ecr").create_repository(repositoryName=NAME)
        write_image(running, "none")
        yield running


@pytest.fixture
def stack(aws: LocalAws, tmp_path: Path) -> Iterator[Stack]:
    """The stack at that AWS."""
    with Stack.at(aws, "service", tmp_path) as copied:
        yield copied


def planned(stack: Stack, inputs: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Plan, and return what that does to which resource, where it does anything; outputs are left out."""
    stack.succeed("plan", inputs, "-out=plan")
    shown = run(["terraform", "show", "-json", "plan"], stack.folder, stack.environment).output
    found = json.loads(shown).get("resource_changes", [])
    actions = {(one["address"], *one["change"]["actions"]) for one in found if one["mode"] == "managed"}
    return {one for one in actions if one[1:] != ("no-op",)}


def answer(aws: LocalAws, path: str) -> str:
    """Return what the HTTPS listener does with *path*: the first rule that matches, as it is written."""
    elb = aws.client("elbv2")
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    [https] = [one for one in listeners if one["Port"] == 443]
    rules = elb.describe_rules(ListenerArn=https["ListenerArn"])["Rules"]
    for rule in sorted(rules, key=lambda one: (one["IsDefault"], one["Priority"].zfill(5))):
        values = [value for one in rule["Conditions"] for value in one["PathPatternConfig"]["Values"]]
        if rule["IsDefault"] or any(fnmatch.fnmatchcase(path, value) for value in values):
            [action] = rule["Actions"]
            return str(action.get("FixedResponseConfig", {}).get("StatusCode", action["Type"]))
    raise AssertionError("a listener always has a default rule")


@pytest.mark.timeout(900)  # the provider waits a minute for a load balancer
def test_stack_lives_at_the_local_cloud(aws: LocalAws, stack: Stack) -> None:
    """Without an image all but the service; an image adds it, another one changes it alone; then all goes."""
    inputs = GOOD | network(aws)
    ecs, elb = aws.client("ecs"), aws.client("elbv2")

    def unchanged() -> None:
        done = stack.run("plan", inputs, "-detailed-exitcode")
        assert done.code == 0, done.text

    stack.succeed("apply", inputs, "-auto-approve")
    assert ecs.list_services(cluster=CLUSTER)["serviceArns"] == []
    assert ecs.list_task_definitions()["taskDefinitionArns"] == []
    assert {path: answer(aws, path) for path in ANSWERS} == ANSWERS
    [balancer] = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    [redirect] = [one["DefaultActions"][0] for one in listeners if one["Port"] == 80]
    assert (redirect["Type"], redirect["RedirectConfig"]["Protocol"]) == ("redirect", "HTTPS")
    unchanged()

    stack.edit("listeners.tf", 'update = "1m"', 'update = "1s"')  # how long a certificate may be late
    missing = {"certificate_arn": f"arn:aws:acm:us-east-1:{GOOD['account_id']}:certificate/none-such"}
    done = stack.run("apply", inputs | missing, "-auto-approve")
    assert done.code == 1
    assert f"CertificateNotFound: Certificate {missing['certificate_arn']} not found" in done.text
    assert planned(stack, inputs) == set()  # the certificate before is there still, and the listener's

    elsewhere = {"vpc_id": "vpc-00000000"}  # a mock output's, or another network's
    done = stack.run("plan", inputs | elsewhere)
    assert done.code == 1
    assert f"vpc_id is vpc-00000000, and the service was made in {inputs['vpc_id']}" in done.text

    write_image(aws, push(aws, "aa"))
    stack.succeed("apply", inputs, "-auto-approve")
    unchanged()
    [service] = ecs.describe_services(cluster=CLUSTER, services=[NAME])["services"]
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"]["rollback"] is True
    [target] = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)

    ecs.update_service(cluster=CLUSTER, service=NAME, desiredCount=5)  # as autoscaling does
    unchanged()

    second = push(aws, "bb")
    write_image(aws, second)
    assert planned(stack, inputs) == {
        ("aws_ecs_task_definition.this[0]", "delete", "create"),
        ("aws_ecs_service.this[0]", "update"),
    }
    stack.succeed("apply", inputs, "-auto-approve")
    unchanged()
    [service] = ecs.describe_services(cluster=CLUSTER, services=[NAME])["services"]
    assert service["desiredCount"] == 5
    active = ecs.list_task_definitions(familyPrefix=NAME, status="ACTIVE")["taskDefinitionArns"]
    assert [arn.rpartition(":")[2] for arn in active] == ["1", "2"]  # what ECS may have to go back to
    assert service["taskDefinition"] == active[1]

    for wrong, said in (
        (":latest", "expected an image with a tag that stays"),
        ("x:aa", "which is in another"),
    ):
        write_image(aws, GOOD["repository_url"] + wrong)
        done = stack.run("plan", inputs)
        assert done.code == 1
        assert f"{PARAMETER} holds" in done.text
        assert said in done.text
    write_image(aws, second)

    stack.succeed("destroy", inputs | elsewhere, "-auto-approve")  # where the network went first
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert elb.describe_target_groups()["TargetGroups"] == []
    groups = aws.client("ec2").describe_security_groups()["SecurityGroups"]
    assert {group["GroupName"] for group in groups} == {"default"}
    assert aws.client("acm").list_certificates()["CertificateSummaryList"] == []
    targets = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    assert targets["ScalableTargets"] == []
    found = (
        ecs.describe_services(cluster=CLUSTER, services=[NAME]) if ecs.list_clusters()["clusterArns"] else {}
    )
    assert [one for one in found.get("services", []) if one["status"] == "ACTIVE"] == []


def test_unit_asks_for_its_environments_service(tree: Tree) -> None:
    """Names by convention, settings, and network and registry as mocks where neither was applied."""
    tree.set("dev", ACCOUNT + '  service_domain_name = "api.example.com"\n  service_cpu = 1024\n')
    rendered = tree.render("dev/service")
    found = rendered["inputs"]
    assert set(rendered["dependency"]) == {"network", "registry"}
    assert {found[name] for name in ("parameter_path", "log_group_name")} == {PATH}
    assert (found["name"], found["cluster_name"]) == (NAME, CLUSTER)
    assert (found["execution_role_name"], found["task_role_name"]) == (f"{NAME}-execution", f"{NAME}-task")
    assert (found["cpu"], found["domain_name"], found["service_name"]) == (1024, "api.example.com", "")
    assert (found["image_parameter_name"], found["tracing_mode"]) == ("", "collector")
    for dependency in rendered["dependency"].values():
        assert dependency["mock_outputs_allowed_terraform_commands"] == ["plan", "validate", "destroy"]


def test_units_key_version_is_the_one_that_honeycomb_key_has(tree: Tree) -> None:
    """A rotation raises it in the other unit's file: no output, and no state with a key in it, is read."""
    tree.edit("terraform/backend-app/config/dev/honeycomb-key/terragrunt.hcl", "= 1 #", "= 17 #")
    tree.set("dev", ACCOUNT + '  service_name = "api"\n')
    found = tree.render("dev/service")["inputs"]
    assert (found["honeycomb_key_version"], found["service_name"]) == (17, "api")
    assert found["honeycomb_dataset"] == "api"
