"""Authorisation by tags, of security groups and certificates, and by the ARNs of Route 53."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.authorisation.conditions import holds
from localcloud.aws.authorisation.needs import Requirement
from localcloud.aws.authorisation.resources.tags import numbered, tagged
from tests.localcloud.aws.people import ACCOUNT, User, policy, refusal_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

OWN, OTHER = [{"Key": "Team", "Value": "own"}], [{"Key": "Team", "Value": "other"}]
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
ANYWHERE = [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
GIVEN = {"StringEquals": {"aws:RequestTag/Team": "own"}}
HAS = {"StringEquals": {"aws:ResourceTag/Team": "own"}}
TAGS = st.dictionaries(st.text("aBc", min_size=1, max_size=3), st.text("xyz", max_size=2), max_size=3)


def allow(user: User, iam: IAMClient, **documents: str) -> None:
    """Give the user these policies by their names."""
    for name, document in documents.items():
        iam.put_user_policy(UserName=user.name, PolicyName=name, PolicyDocument=document)


def of_group(tags: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return a security group's tags as its making takes them."""
    return [{"ResourceType": "security-group", "Tags": tags}]


def test_a_security_group_is_made_with_the_right_tags_alone(user: User, iam: IAMClient, name: str) -> None:
    """The tags are asked of the group and of its tagging, not of the VPC that it is made in."""
    vpc = user.endpoint.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    create = {"GroupName": name, "Description": name, "VpcId": vpc}
    ec2 = user.client("ec2")
    made = policy(("ec2:CreateSecurityGroup", "*"), Condition=GIVEN)
    as_made = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup", "aws:RequestTag/Team": "own"}}
    allow(user, iam, made=made, tag=policy(("ec2:CreateTags", "*"), Condition=as_made))
    refused = refusal_of(ec2.create_security_group, **create, TagSpecifications=of_group(OWN))[1]
    assert f"ec2:CreateSecurityGroup on resource: {EC2}:vpc/{vpc} " in refused
    allow(user, iam, vpc=policy(("ec2:CreateSecurityGroup", f"{EC2}:vpc/*")))
    for wrong in ({}, {"TagSpecifications": of_group(OTHER)}):
        refused = refusal_of(ec2.create_security_group, **create, **wrong)[1]
        assert f"ec2:CreateSecurityGroup on resource: {EC2}:security-group/* " in refused
    assert ec2.create_security_group(**create, TagSpecifications=of_group(OWN))["GroupId"]


def test_a_security_group_is_changed_by_whom_its_tags_let(user: User, iam: IAMClient, name: str) -> None:
    """What it has counts, not what the call gives; and no tag makes another's one's own."""
    administrator = user.endpoint.client("ec2")
    groups = {}
    for kind, tags in (("own", OWN), ("other", OTHER), ("none", [])):
        options = {"TagSpecifications": of_group(tags)} if tags else {}
        groups[kind] = administrator.create_security_group(
            GroupName=f"{name}-{kind}", Description=name, **options
        )["GroupId"]
    actions = ["ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", "ec2:DeleteSecurityGroup"]
    allow(user, iam, change=policy((actions, "*"), Condition=HAS))
    ec2 = user.client("ec2")
    for kind in ("other", "none"):
        group = groups[kind]
        for call, parameters in (
            (ec2.authorize_security_group_ingress, {"GroupId": group, "IpPermissions": ANYWHERE}),
            (ec2.create_tags, {"Resources": [group], "Tags": OWN}),
            (ec2.delete_security_group, {"GroupId": group}),
        ):
            code, message = refusal_of(call, **parameters)
            assert (code, f"{EC2}:security-group/{group} " in message) == ("UnauthorizedOperation", True)
    ec2.authorize_security_group_ingress(GroupId=groups["own"], IpPermissions=ANYWHERE)
    ec2.create_tags(Resources=[groups["own"]], Tags=OTHER)
    assert refusal_of(ec2.delete_security_group, GroupId=groups["own"])[0] == "UnauthorizedOperation"


def test_a_tag_that_is_asked_to_be_absent(user: User, iam: IAMClient, name: str) -> None:
    """A key that isn't there is known to be absent: Null and StringNotEquals can be told."""
    group = user.endpoint.client("ec2").create_security_group(GroupName=name, Description=name)["GroupId"]
    allow(
        user,
        iam,
        p=policy(("ec2:CreateTags", "*"), Condition={"Null": {"aws:ResourceTag/Team": "true"}}),
        q=policy(
            ("ec2:DeleteSecurityGroup", "*"), Condition={"StringNotEquals": {"aws:ResourceTag/Team": "other"}}
        ),
    )
    ec2 = user.client("ec2")
    ec2.create_tags(Resources=[group], Tags=OTHER)
    assert refusal_of(ec2.create_tags, Resources=[group], Tags=OWN)[0] == "UnauthorizedOperation"
    assert refusal_of(ec2.delete_security_group, GroupId=group)[0] == "UnauthorizedOperation"


def test_certificates_are_known_by_their_tags(user: User, iam: IAMClient) -> None:
    """One is asked for with the right tags, which is tagging too, and deleted by those that it has."""
    acm, administrator = user.client("acm"), user.endpoint.client("acm")
    request = {"DomainName": "own.example.test", "ValidationMethod": "DNS"}
    allow(user, iam, ask=policy(("acm:RequestCertificate", "*"), Condition=GIVEN))
    assert refusal_of(acm.request_certificate, **request)[0] == "AccessDeniedException"
    assert "acm:AddTagsToCertificate" in refusal_of(acm.request_certificate, **request, Tags=OWN)[1]
    allow(user, iam, tag=policy(("acm:AddTagsToCertificate", "*"), Condition=GIVEN))
    own = acm.request_certificate(**request, Tags=OWN)["CertificateArn"]
    other = administrator.request_certificate(**request, Tags=OTHER)["CertificateArn"]
    allow(user, iam, delete=policy(("acm:DeleteCertificate", "*"), Condition=HAS))
    message = refusal_of(acm.delete_certificate, CertificateArn=other)[1]
    assert f"acm:DeleteCertificate on resource: {other} " in message
    acm.delete_certificate(CertificateArn=own)
    assert refusal_of(acm.delete_certificate, CertificateArn=own)[0] == "AccessDeniedException"


def test_zones_and_changes_have_arns_of_their_own(user: User, iam: IAMClient, name: str) -> None:
    """Without region and account, whether the id comes with its kind or not; a list knows none."""
    administrator, route53 = user.endpoint.client("route53"), user.client("route53")
    made = administrator.create_hosted_zone(Name=f"{name}.example", CallerReference=name)
    zone = made["HostedZone"]["Id"].rpartition("/")[2]
    assert f"arn:aws:route53:::hostedzone/{zone} " in refusal_of(route53.get_hosted_zone, Id=zone)[1]
    tags = {"ResourceType": "hostedzone", "ResourceId": zone}
    assert f":hostedzone/{zone} " in refusal_of(route53.list_tags_for_resource, **tags)[1]
    assert "arn:aws:route53:::change/C1 " in refusal_of(route53.get_change, Id="/change/C1")[1]
    assert "route53:ListHostedZones on resource: * " in refusal_of(route53.list_hosted_zones)[1]
    actions = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
    allow(user, iam, p=policy((actions, f"arn:aws:route53:::hostedzone/{zone}")))
    assert route53.get_hosted_zone(Id=f"/hostedzone/{zone}")["HostedZone"]["Name"] == f"{name}.example."
    assert route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert refusal_of(route53.list_resource_record_sets, HostedZoneId="Z0")[0] == "AccessDenied"


@given(TAGS, TAGS, st.text("aBc", min_size=1, max_size=3), st.text("xyz", max_size=2))
def test_a_tag_is_told_or_known_to_be_absent(
    given_tags: dict[str, str], own: dict[str, str], key: str, value: str
) -> None:
    """Whatever the tags are, each condition on one has an answer, and the right one.

    Keys that differ in case alone are one to a condition, so that here the case is the same throughout.
    """
    given_tags, own = ({name.lower(): text for name, text in tags.items()} for tags in (given_tags, own))
    need = tagged(Requirement("ec2:CreateTags", "*", {"ec2:CreateAction": ["x"]}), given_tags, own)
    context = {name.lower(): list(values) for name, values in need.context.items()}
    assert context["ec2:createaction"] == ["x"]
    for kind, tags in (("Request", given_tags), ("Resource", own)):
        name = f"aws:{kind}Tag/{key}"
        assert holds({"StringEquals": {name: value}}, context) is (tags.get(key.lower()) == value)
        assert holds({"Null": {name: "true"}}, context) is (key.lower() not in tags)
    assert holds({"StringEquals": {"other:Tag/a": value}}, context) is None


@given(TAGS)
def test_tags_of_a_form_are_read_back(tags: dict[str, str]) -> None:
    """In any number, beside parameters that are none; one without a value has an empty one."""
    form: dict[str, object] = {"Action": "CreateTags", "ResourceId.1": "sg-1", "Tag.99.Key": "alone"}
    for number, (key, value) in enumerate(tags.items(), 1):
        form |= {f"Tag.{number}.Key": key, f"Tag.{number}.Value": value}
    assert numbered(form, "Tag.") == tags | {"alone": ""}
