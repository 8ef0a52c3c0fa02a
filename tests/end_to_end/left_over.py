"""What the local cloud has of every kind of resource that a deployment makes, whatever the states say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.end_to_end.deployment import Place

# By kind: service, call, the answer's list, and what names one of it; empty: it is a name itself.
LISTED = {
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "certificates": ("acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    "clusters": ("ecs", "list_clusters", "clusterArns", ""),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "identity providers": ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    "load balancers": ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
    "log groups": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "metric filters": ("logs", "describe_metric_filters", "metricFilters", "filterName"),
    "parameters": ("ssm", "describe_parameters", "Parameters", "Name"),
    "repositories": ("ecr", "describe_repositories", "repositories", "repositoryArn"),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "target groups": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    "task definitions": ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
    "topics": ("sns", "list_topics", "Topics", "TopicArn"),
    "trace groups": ("xray", "get_groups", "Groups", "GroupName"),
}
# Of EC2's, those of the VPC that the project made; the account's default one has its own.
IN_VPC = {
    "flow logs": ("describe_flow_logs", "FlowLogs", "FlowLogId"),
    "gateways": ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "NAT gateways": ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "addresses": ("describe_addresses", "Addresses", "AllocationId"),
    "route tables": ("describe_route_tables", "RouteTables", "RouteTableId"),
    "security groups": ("describe_security_groups", "SecurityGroups", "GroupId"),
    "subnets": ("describe_subnets", "Subnets", "SubnetId"),
    "VPCs": ("describe_vpcs", "Vpcs", "VpcId"),
}
PROJECT = "cruddur"
DEFAULT = "Default"
"""The group and the rule that X-Ray itself has."""


def resources(place: Place) -> dict[str, list[str]]:
    """Return the names of what is there, by kind; what was there before any deployment is left out."""
    found = {
        kind: _names(getattr(place.client(service), call)().get(listed, ()), named)
        for kind, (service, call, listed, named) in LISTED.items()
    }
    ec2 = place.client("ec2")
    tagged = {"Name": "tag:Project", "Values": [PROJECT]}
    for kind, (call, listed, named) in IN_VPC.items():
        found[kind] = _names(_of_ec2(getattr(ec2, call), listed, tagged), named)
    scaling = place.client("application-autoscaling")
    for kind, call, listed, named in (
        ("scalable targets", "describe_scalable_targets", "ScalableTargets", "ResourceId"),
        ("scaling policies", "describe_scaling_policies", "ScalingPolicies", "PolicyName"),
    ):
        found[kind] = _names(getattr(scaling, call)(ServiceNamespace="ecs")[listed], named)
    rules = place.client("xray").get_sampling_rules()["SamplingRuleRecords"]
    found["sampling rules"] = _names([one["SamplingRule"] for one in rules], "RuleName")
    return found


def _of_ec2(call: Callable[..., Any], listed: str, tagged: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what has the project's tag and is not deleted; EC2 tells of deleted NAT gateways for an hour."""
    given = {"Filter" if listed == "FlowLogs" or listed == "NatGateways" else "Filters": [tagged]}
    return [one for one in call(**given)[listed] if one.get("State") != "deleted"]


def _names(found: Iterable[Any], named: str) -> list[str]:
    names = (str(one[named]) if named else str(one) for one in found)
    return sorted(name for name in names if name != DEFAULT)
