"""Calls that a deployment makes, each with the IAM action and the resource that it needs."""

from __future__ import annotations

from typing import Any

from tests.localcloud.aws.people import ACCOUNT

REGIONAL = f"us-east-1:{ACCOUNT}"
IMAGE = "public.ecr.aws/docker/library/python:3.11"
BALANCER = f"arn:aws:elasticloadbalancing:{REGIONAL}:loadbalancer/app/x/0123456789abcdef"
LISTENER = f"arn:aws:elasticloadbalancing:{REGIONAL}:listener/app/x/0123456789abcdef/0123456789abcdef"
GROUP = f"arn:aws:elasticloadbalancing:{REGIONAL}:targetgroup/x/0123456789abcdef"
TOPIC = f"arn:aws:sns:{REGIONAL}:x"
DENY = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/x/x",
    "ScalableDimension": "ecs:service:DesiredCount",
}
TAG, SMALL_TAG = {"Key": "Team", "Value": "x"}, {"key": "Team", "value": "x"}
METRIC = {"metricName": "x", "metricNamespace": "x", "metricValue": "1"}
FLOW = {"ResourceType": "VPC", "ResourceIds": ["vpc-1"], "TrafficType": "ALL"}

CALLS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("ecs", "create_cluster", {"clusterName": "x"}, "ecs:CreateCluster", f"arn:aws:ecs:{REGIONAL}:cluster/x"),
    ("ecs", "list_clusters", {}, "ecs:ListClusters", "*"),
    (
        "ecs",
        "update_service",
        {"cluster": f"arn:aws:ecs:{REGIONAL}:cluster/c", "service": "s"},
        "ecs:UpdateService",
        f"arn:aws:ecs:{REGIONAL}:service/c/s",
    ),
    (
        "ecs",
        "describe_services",
        {"cluster": "c", "services": [f"arn:aws:ecs:{REGIONAL}:service/c/s"]},
        "ecs:DescribeServices",
        f"arn:aws:ecs:{REGIONAL}:service/c/s",
    ),
    ("ecs", "describe_task_definition", {"taskDefinition": "x"}, "ecs:DescribeTaskDefinition", "*"),
    ("ecr", "get_authorization_token", {}, "ecr:GetAuthorizationToken", "*"),
    (
        "ecr",
        "put_image",
        {"repositoryName": "xx", "imageManifest": "{}"},
        "ecr:PutImage",
        f"arn:aws:ecr:{REGIONAL}:repository/xx",
    ),
    (
        "ecr",
        "describe_repositories",
        {"repositoryNames": ["xx"]},
        "ecr:DescribeRepositories",
        f"arn:aws:ecr:{REGIONAL}:repository/xx",
    ),
    ("elbv2", "describe_load_balancers", {}, "elasticloadbalancing:DescribeLoadBalancers", "*"),
    (
        "elbv2",
        "create_load_balancer",
        {"Name": "x"},
        "elasticloadbalancing:CreateLoadBalancer",
        f"arn:aws:elasticloadbalancing:{REGIONAL}:loadbalancer/app/x/*",
    ),
    (
        "elbv2",
        "create_target_group",
        {"Name": "x"},
        "elasticloadbalancing:CreateTargetGroup",
        f"arn:aws:elasticloadbalancing:{REGIONAL}:targetgroup/x/*",
    ),
    (
        "elbv2",
        "create_rule",
        {"ListenerArn": LISTENER, "Conditions": [], "Priority": 1, "Actions": DENY},
        "elasticloadbalancing:CreateRule",
        LISTENER,
    ),
    (
        "elbv2",
        "create_listener",
        {"LoadBalancerArn": BALANCER, "DefaultActions": DENY},
        "elasticloadbalancing:CreateListener",
        BALANCER,
    ),
    (
        "elbv2",
        "add_tags",
        {"ResourceArns": [GROUP], "Tags": [TAG]},
        "elasticloadbalancing:AddTags",
        GROUP,
    ),
    ("ec2", "describe_vpcs", {}, "ec2:DescribeVpcs", "*"),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "ec2:CreateVpc", f"arn:aws:ec2:{REGIONAL}:vpc/*"),
    ("ec2", "delete_vpc", {"VpcId": "vpc-1"}, "ec2:DeleteVpc", f"arn:aws:ec2:{REGIONAL}:vpc/vpc-1"),
    (
        "ec2",
        "create_route",
        {"RouteTableId": "rtb-1", "NatGatewayId": "nat-1"},
        "ec2:CreateRoute",
        f"arn:aws:ec2:{REGIONAL}:route-table/rtb-1",
    ),
    (
        "ec2",
        "create_tags",
        {"Resources": ["subnet-1"], "Tags": [TAG]},
        "ec2:CreateTags",
        f"arn:aws:ec2:{REGIONAL}:subnet/subnet-1",
    ),
    (
        "application-autoscaling",
        "register_scalable_target",
        TARGET,
        "application-autoscaling:RegisterScalableTarget",
        f"arn:aws:application-autoscaling:{REGIONAL}:scalable-target/*",
    ),
    (
        "application-autoscaling",
        "describe_scaling_policies",
        {"ServiceNamespace": "ecs"},
        "application-autoscaling:DescribeScalingPolicies",
        "*",
    ),
    (
        "cloudwatch",
        "delete_alarms",
        {"AlarmNames": ["x"]},
        "cloudwatch:DeleteAlarms",
        f"arn:aws:cloudwatch:{REGIONAL}:alarm:x",
    ),
    (
        "cloudwatch",
        "put_composite_alarm",
        {"AlarmName": "x", "AlarmRule": "TRUE"},
        "cloudwatch:PutCompositeAlarm",
        f"arn:aws:cloudwatch:{REGIONAL}:alarm:x",
    ),
    (
        "cloudwatch",
        "put_dashboard",
        {"DashboardName": "x", "DashboardBody": "{}"},
        "cloudwatch:PutDashboard",
        f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/x",
    ),
    ("cloudwatch", "list_metrics", {}, "cloudwatch:ListMetrics", "*"),
    ("sns", "create_topic", {"Name": "x"}, "sns:CreateTopic", TOPIC),
    ("sns", "get_topic_attributes", {"TopicArn": TOPIC}, "sns:GetTopicAttributes", TOPIC),
    (
        "logs",
        "put_metric_filter",
        {"logGroupName": "x", "filterName": "x", "filterPattern": "", "metricTransformations": [METRIC]},
        "logs:PutMetricFilter",
        f"arn:aws:logs:{REGIONAL}:log-group:x:log-stream:",
    ),
    # As AWS's own message has it: github.com/aws-solutions/aws-crr-monitor, issue 8.
    (
        "logs",
        "create_log_stream",
        {"logGroupName": "x", "logStreamName": "ecs/y"},
        "logs:CreateLogStream",
        f"arn:aws:logs:{REGIONAL}:log-group:x:log-stream:ecs/y",
    ),
]


TAGGED: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "ecs",
        "create_cluster",
        {"clusterName": "t", "tags": [SMALL_TAG]},
        "ecs:CreateCluster",
        "ecs:TagResource",
    ),
    (
        "ecr",
        "create_repository",
        {"repositoryName": "tt", "tags": [TAG]},
        "ecr:CreateRepository",
        "ecr:TagResource",
    ),
    ("sns", "create_topic", {"Name": "t", "Tags": [TAG]}, "sns:CreateTopic", "sns:TagResource"),
    (
        "ec2",
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": [TAG]}]},
        "ec2:CreateVpc",
        "ec2:CreateTags",
    ),
    (
        "elbv2",
        "create_target_group",
        {"Name": "t", "Port": 80, "Protocol": "HTTP", "TargetType": "ip", "VpcId": "vpc-1", "Tags": [TAG]},
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:AddTags",
    ),
    (
        "cloudwatch",
        "put_composite_alarm",
        {"AlarmName": "t", "AlarmRule": "TRUE", "Tags": [TAG]},
        "cloudwatch:PutCompositeAlarm",
        "cloudwatch:TagResource",
    ),
    (
        "application-autoscaling",
        "register_scalable_target",
        {**TARGET, "MinCapacity": 1, "MaxCapacity": 2, "Tags": {"Team": "x"}},
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
    ),
]
