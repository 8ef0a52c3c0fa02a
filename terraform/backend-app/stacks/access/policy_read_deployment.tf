data "aws_iam_policy_document" "read_deployment" {
  dynamic "statement" {
    for_each = { for name, rights in local.deployment_rights : name => rights if length(rights.read) > 0 }

    content {
      sid       = "Read${statement.key}"
      actions   = statement.value.read
      resources = statement.value.of
    }
  }
  statement {
    sid       = "ListDeployment"
    actions   = local.deployment_lists
    resources = ["*"]
  }
}

# These know no resources narrower than all.
locals {
  deployment_lists = [
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "sns:GetSubscriptionAttributes",
    "ssm:DescribeParameters",
  ]
}
