# Units xray, honeycomb and logs, made, changed and removed. Nothing of this stack, so that who may apply can't give
# himself more, and not the key, which no workflow has.
data "aws_iam_policy_document" "apply" {
  source_policy_documents = [
    data.aws_iam_policy_document.state["apply"].json,
    data.aws_iam_policy_document.state_written["apply"].json,
    data.aws_iam_policy_document.read.json,
    data.aws_iam_policy_document.own_trace.json,
    data.aws_iam_policy_document.never_the_key.json,
  ]

  statement {
    sid = "WriteParameters"
    actions = [
      "ssm:AddTagsToResource",
      "ssm:DeleteParameter",
      "ssm:PutParameter",
      "ssm:RemoveTagsFromResource",
    ]
    resources = local.plain_arns
  }
  statement {
    sid = "WriteXRay"
    actions = [
      "xray:CreateGroup",
      "xray:CreateSamplingRule",
      "xray:DeleteGroup",
      "xray:DeleteSamplingRule",
      "xray:TagResource",
      "xray:UntagResource",
      "xray:UpdateGroup",
      "xray:UpdateSamplingRule",
    ]
    resources = concat([local.xray_group_arn], local.sampling_rule_arns)
  }
  statement {
    sid = "WriteLogGroup"
    actions = [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:DisassociateKmsKey",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ]
    # Tags go by the group's bare ARN, all else by the one with :* (CloudWatch Logs, "Overview of managing access").
    resources = [local.log_group_arn, "${local.log_group_arn}:*"]
  }
  dynamic "statement" {
    for_each = var.xray_encryption ? ["*"] : []

    content {
      sid       = "EncryptTraces"
      actions   = ["xray:PutEncryptionConfig"]
      resources = [statement.value]
    }
  }
}
