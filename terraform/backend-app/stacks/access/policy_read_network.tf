# What Terraform reads of unit network to plan it; to apply it is a person's, as it makes a role for its flow logs.
data "aws_iam_policy_document" "read_network" {
  #checkov:skip=CKV_AWS_356:most of EC2's descriptions know no resources, and a plan reads before it knows an id
  statement {
    sid       = "ReadFlowLogsRole"
    actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    resources = ["${local.role}/${var.cluster_name}-flow-logs"]
  }
  statement {
    sid       = "ReadFlowLogsGroup"
    actions   = ["logs:ListTagsForResource"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:${var.flow_logs_group_name}"]
  }

  # These know no resources narrower than all.
  statement {
    sid = "DescribeNetwork"
    actions = [
      "ec2:DescribeAddresses",
      "ec2:DescribeAddressesAttribute",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeFlowLogs",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNatGateways",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribePrefixLists",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
    ]
    resources = ["*"]
  }
}
