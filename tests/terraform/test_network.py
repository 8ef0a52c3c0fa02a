"""Unit network: what it asks for, and its life at an AWS."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.existing_vpc import Existing
from tests.terraform.test_units import ACCOUNT

if TYPE_CHECKING:
    from tests.terraform.cloud import Cloud
    from tests.terraform.commands import Finished, Tree

UNIT = "local/network"
LOCAL = "terraform/backend-app/config/local/env.hcl"
GROUP = "/cruddur/local/flow-logs"
ROLE = "cruddur-local-flow-logs"


@pytest.fixture
def at_cloud(tree: Tree, cloud: Cloud, shared_provider: dict[str, str]) -> Tree:
    """The tree, at an empty AWS."""
    cloud.reset()
    return tree.with_variables(**shared_provider, AWS_ENDPOINT_URL=cloud.endpoint)


def apply(tree: Tree) -> Finished:
    """Apply the unit, which has to succeed, and then to plan no change."""
    done = tree.terragrunt(UNIT, "run", "--backend-bootstrap", "--", "apply", "-auto-approve")
    assert done.code == 0, done.text
    again = tree.terragrunt(UNIT, "plan", "-detailed-exitcode")
    assert again.code == 0, again.text
    return done


def refused(tree: Tree) -> str:
    """Return what an apply says that has to fail before anything is destroyed, in one line."""
    done = tree.terragrunt(UNIT, "apply", "-auto-approve")
    assert done.code != 0, done.text
    assert "Destroying" not in done.text
    return re.sub(r"\W*│ ", " ", done.text)


def outputs(tree: Tree) -> dict[str, Any]:
    """Return the unit's outputs."""
    done = tree.terragrunt(UNIT, "output", "-json")
    return {name: one["value"] for name, one in json.loads(done.output).items()}


def ways_out(cloud: Cloud, subnets: list[str]) -> list[str]:
    """Return where each subnet's traffic to the internet goes: an id, or nothing."""
    found = []
    for subnet in subnets:
        by_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
        [table] = cloud.client("ec2").describe_route_tables(Filters=by_subnet)["RouteTables"]
        routes = [one for one in table["Routes"] if one.get("DestinationCidrBlock") == "0.0.0.0/0"]
        found += [route.get("GatewayId") or route["NatGatewayId"] for route in routes] or [""]
    return found


def gateways(cloud: Cloud) -> dict[str, str]:
    """Return the NAT gateways that are there: by their subnet."""
    found = cloud.client("ec2").describe_nat_gateways()["NatGateways"]
    return {one["SubnetId"]: one["NatGatewayId"] for one in found if one["State"] == "available"}


def test_unit_asks_for_its_environments_network(tree: Tree) -> None:
    """Names are the environment's own, the rest its settings; nothing is another unit's output."""
    tree.set("dev", ACCOUNT + '  network_cidr = "10.7.0.0/20"\n  network_endpoints = ["s3"]\n')
    rendered = tree.render("dev/network")
    assert rendered["dependency"] == {}
    assert rendered["inputs"] == {
        "name": "cruddur-dev",
        "account_id": "210987654321",
        "existing": None,
        "cidr": "10.7.0.0/20",
        "reserved_cidrs": [],
        "zones": 2,
        "nat": "single",
        "endpoints": ["s3"],
        "collector_image": rendered["locals"]["root"]["defaults"]["settings"]["service_collector_image"],
        "flow_logs": True,
        "flow_logs_group_name": "/cruddur/dev/flow-logs",
        "flow_logs_retention_days": 30,
        "flow_logs_kms_key_id": None,
    }


def test_network_is_made_grows_and_goes(at_cloud: Tree, cloud: Cloud) -> None:
    """By default, then with all there is: subnets stay, routes move.

    What it can't become is refused before gateways and routes go away, with what it is: another range, fewer
    zones, an existing VPC. Destroyed, with such still asked for, nothing is left.
    """
    apply(at_cloud)
    first = outputs(at_cloud)
    assert (first["vpc_cidr"], first["zones"]) == ("10.20.0.0/16", ["us-east-1a", "us-east-1b"])
    assert_subnets_lead_out(cloud, first)
    assert_flow_logs(cloud, first["vpc_id"])

    settings = '  network_zones = 3\n  network_nat = "zone"\n'
    settings += '  network_endpoints = ["ssm", "kms", "xray", "logs", "ecr", "s3"]\n'
    at_cloud.edit(LOCAL, "locals {\n", f"locals {{\n{settings}")
    assert "0 destroyed" in apply(at_cloud).text
    more = outputs(at_cloud)
    for kind in ("public_subnet_ids", "private_subnet_ids"):
        assert more[kind][:2] == first[kind]
    own_gateways = [gateways(cloud)[one] for one in more["public_subnet_ids"]]
    assert ways_out(cloud, more["private_subnet_ids"]) == own_gateways
    assert_endpoints(cloud, more)

    at_cloud.edit(LOCAL, "network_zones = 3", "network_zones = 2")
    message = "zones is 2, and the VPC has subnets in 3, which are in use"
    assert message in refused(at_cloud)
    at_cloud.edit(LOCAL, "network_zones = 2", 'network_cidr = "10.30.0.0/16"\n  network_zones = 3')
    message = "cidr is 10.30.0.0/16, and the VPC was made with 10.20.0.0/16, which it keeps"
    assert message in refused(at_cloud)
    there = Existing(cloud)
    at_cloud.edit(LOCAL, 'network_endpoints = ["ssm", "kms", "xray", "logs", "ecr", "s3"]', there.setting())
    message = f"existing is {there.id}, and the network was made, with 10.20.0.0/16: set that again"
    assert message in refused(at_cloud)
    assert ways_out(cloud, more["private_subnet_ids"]) == own_gateways

    done = at_cloud.terragrunt(UNIT, "destroy", "-auto-approve")
    assert done.code == 0, done.text
    there.remove()
    assert_nothing_is_left(cloud)


def assert_subnets_lead_out(cloud: Cloud, found: dict[str, Any]) -> None:
    """Public ones through the internet gateway, private ones through the one NAT gateway; no more is open."""
    ec2 = cloud.client("ec2")
    public, private = found["public_subnet_ids"], found["private_subnet_ids"]
    subnets = ec2.describe_subnets(SubnetIds=public + private)["Subnets"]
    assert {one["VpcId"] for one in subnets} == {found["vpc_id"]}
    assert not any(one["MapPublicIpOnLaunch"] for one in subnets)
    zone = {one["SubnetId"]: one["AvailabilityZone"] for one in subnets}
    assert [zone[one] for one in public] == [zone[one] for one in private] == found["zones"]
    [internet] = ec2.describe_internet_gateways()["InternetGateways"]
    assert ways_out(cloud, public) == [internet["InternetGatewayId"]] * 2
    assert ways_out(cloud, private) == [gateways(cloud)[public[0]]] * 2
    in_vpc = {"Name": "vpc-id", "Values": [found["vpc_id"]]}
    [default] = ec2.describe_security_groups(Filters=[in_vpc])["SecurityGroups"]
    assert (default["IpPermissions"], default["IpPermissionsEgress"]) == ([], [])


def assert_flow_logs(cloud: Cloud, vpc_id: str) -> None:
    """All connections are logged, to a group of their own, by a role for that group and account alone."""
    [log] = cloud.client("ec2").describe_flow_logs()["FlowLogs"]
    assert (log["TrafficType"], log["ResourceId"]) == ("ALL", vpc_id)
    assert log["LogDestination"].endswith(f":log-group:{GROUP}")
    [group] = cloud.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (GROUP, 30)
    iam = cloud.client("iam")
    role = iam.get_role(RoleName=ROLE)["Role"]
    assert log["DeliverLogsPermissionArn"] == role["Arn"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/*"},
    }
    policy = iam.get_role_policy(RoleName=ROLE, PolicyName="flow-logs")["PolicyDocument"]
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
    [write, _] = policy["Statement"]
    assert sorted(write["Resource"]) == [arn, f"{arn}:log-stream:*"]
    assert "CreateLogGroup" not in json.dumps(policy)


def assert_endpoints(cloud: Cloud, found: dict[str, Any]) -> None:
    """Interface endpoints in every private subnet, open to the VPC alone; S3's in every route table."""
    ec2 = cloud.client("ec2")
    endpoints = {
        one["ServiceName"].removeprefix("com.amazonaws.us-east-1."): one
        for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]
    }
    assert set(endpoints) == {"ssm", "kms", "xray", "logs", "ecr.api", "ecr.dkr", "s3"}
    s3 = endpoints.pop("s3")
    assert (s3["VpcEndpointType"], len(s3["RouteTableIds"])) == ("Gateway", 3)
    for one in endpoints.values():
        assert (one["VpcEndpointType"], one["PrivateDnsEnabled"]) == ("Interface", True)
        assert sorted(one["SubnetIds"]) == sorted(found["private_subnet_ids"])
    by_name = {"Name": "group-name", "Values": ["cruddur-local-endpoints"]}
    [group] = ec2.describe_security_groups(Filters=[by_name])["SecurityGroups"]
    [allowed] = group["IpPermissions"]
    assert (allowed["FromPort"], allowed["ToPort"], allowed["IpProtocol"]) == (443, 443, "tcp")
    assert [one["CidrIp"] for one in allowed["IpRanges"]] == ["10.20.0.0/16"]
    assert group["IpPermissionsEgress"] == []


def assert_nothing_is_left(cloud: Cloud) -> None:
    """AWS's own default VPC remains, and endpoints that it still lists as deleted."""
    ec2 = cloud.client("ec2")
    assert [one["IsDefault"] for one in ec2.describe_vpcs()["Vpcs"]] == [True]
    assert ec2.describe_addresses()["Addresses"] == []
    assert gateways(cloud) == {}
    assert {one["State"] for one in ec2.describe_vpc_endpoints()["VpcEndpoints"]} == {"deleted"}
    assert ec2.describe_flow_logs()["FlowLogs"] == []
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []
    assert cloud.client("iam").list_roles()["Roles"] == []
