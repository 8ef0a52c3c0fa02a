"""What a deployment has of the network's services: rules of security groups, hosted zones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.localcloud.aws.conftest import Endpoint


def test_a_rule_that_names_a_group_keeps_its_description(endpoint: Endpoint, name: str) -> None:
    """Terraform would else change it with every apply."""
    ec2 = endpoint.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/24")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    port: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 4567, "ToPort": 4567}
    pair = {"GroupId": group, "Description": "from the load balancer"}
    made = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[port | {"UserIdGroupPairs": [pair]}]
    )["SecurityGroupRules"]
    ids = [rule["SecurityGroupRuleId"] for rule in made]
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"]
    assert [rule["Description"] for rule in (*made, *found)] == ["from the load balancer"] * 2


def test_zones_are_named_as_route_53_names_them(endpoint: Endpoint, name: str) -> None:
    """Z, then 13 to 20 capitals and digits; the stacks refuse any other."""
    route53 = endpoint.client("route53")
    made = [
        route53.create_hosted_zone(Name=f"{name.lower()}.example.com", CallerReference=f"{name}-{number}")
        for number in range(20)
    ]
    ids = [one["HostedZone"]["Id"] for one in made]
    assert all(re.fullmatch(r"/hostedzone/Z[A-Z0-9]{13,20}", one) for one in ids)
    assert len(set(ids)) == len(ids)
    assert route53.get_hosted_zone(Id=ids[-1])["HostedZone"]["Id"] == ids[-1]


def test_a_deleted_record_can_be_made_anew_and_not_deleted_twice(endpoint: Endpoint, name: str) -> None:
    """Of two names that take turns in one change, as a stack's domain that moves and moves back."""
    route53 = endpoint.client("route53")
    zone = f"{name.lower()}.example.com"
    made = route53.create_hosted_zone(Name=zone, CallerReference=name)["HostedZone"]["Id"]

    def change(**names: str) -> list[str]:
        records = {"Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": "balancer.example.com"}]}
        changes: Any = [
            {"Action": action, "ResourceRecordSet": {"Name": f"{one}.{zone}", **records}}
            for action, one in names.items()
        ]
        route53.change_resource_record_sets(HostedZoneId=made, ChangeBatch={"Changes": changes})
        found = route53.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]
        return [one["Name"].partition(".")[0] for one in found if one["Type"] == "CNAME"]

    assert change(CREATE="first") == ["first"]
    assert change(DELETE="first", CREATE="second") == ["second"]
    assert change(DELETE="second", CREATE="first") == ["first"]
    with pytest.raises(ClientError, match="DELETE"):
        change(DELETE="second")
    with pytest.raises(ClientError, match="already exists"):
        change(CREATE="first")
