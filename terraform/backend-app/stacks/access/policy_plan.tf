# Pull requests run code that nobody has looked at yet: this role changes nothing but locks.
data "aws_iam_policy_document" "plan" {
  source_policy_documents = [
    data.aws_iam_policy_document.state["plan"].json,
    data.aws_iam_policy_document.read.json,
    data.aws_iam_policy_document.read_deployment.json,
    data.aws_iam_policy_document.read_network.json,
    data.aws_iam_policy_document.own_trace.json,
    data.aws_iam_policy_document.never_the_key.json,
  ]
}

# What Terraform reads of the xray, honeycomb and logs units to plan them.
data "aws_iam_policy_document" "read" {
  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParameter", "ssm:ListTagsForResource"]
    resources = local.plain_arns
  }
  statement {
    sid       = "ReadXRay"
    actions   = ["xray:GetGroup", "xray:ListTagsForResource"]
    resources = concat([local.xray_group_arn], local.sampling_rule_arns)
  }
  statement {
    sid       = "ReadLogGroup"
    actions   = ["logs:ListTagsForResource"]
    resources = [local.log_group_arn]
  }

  # Lists know no resources narrower than all.
  statement {
    sid = "List"
    actions = concat(
      ["logs:DescribeLogGroups", "ssm:DescribeParameters", "xray:GetSamplingRules"],
      var.xray_encryption ? ["xray:GetEncryptionConfig"] : [],
    )
    resources = ["*"]
  }
}
