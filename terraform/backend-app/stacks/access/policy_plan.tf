# Pull requests run code that nobody has looked at yet: this role changes nothing but locks.
data "aws_iam_policy_document" "plan" {
  source_policy_documents = [for document in ["state", "read", "never_the_key"] : local.shared_policies[document]]
}

locals {
  shared_policies = {
    state         = data.aws_iam_policy_document.state.json
    read          = data.aws_iam_policy_document.read.json
    never_the_key = data.aws_iam_policy_document.never_the_key.json
  }
}

# No policy that is added later opens the key to a role that plans or applies.
data "aws_iam_policy_document" "never_the_key" {
  statement {
    sid       = "NeverTheKey"
    effect    = "Deny"
    actions   = ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"]
    resources = [local.key_arn, "${local.key_arn}:*", local.rollbar_arn, "${local.rollbar_arn}:*"]
  }
  statement {
    sid       = "NeverWholePaths"
    effect    = "Deny"
    actions   = ["ssm:GetParametersByPath"]
    resources = ["*"]
  }
  statement {
    sid       = "NeverDecrypt"
    effect    = "Deny"
    actions   = ["kms:Decrypt"]
    resources = ["*"]
  }
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
