# Units xray, honeycomb and logs, made, changed and removed. Nothing of this stack, so that who may apply can't give
# himself more, and not the key, which no workflow has.
data "aws_iam_policy_document" "apply" {
  source_policy_documents = [for document in ["state", "read", "never_the_key"] : local.shared_policies[document]]

  # Terragrunt looks whether the bucket is as the root configuration says; to make or mend it is not this role's.
  statement {
    sid = "LookAtBucket"
    actions = [
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
    ]
    resources = [local.state_bucket_arn]
  }
  statement {
    sid       = "WriteStates"
    actions   = ["s3:PutObject"]
    resources = [for unit in local.workflow_units : "${local.states_arn}/${unit}/terraform.tfstate"]
  }
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
      "logs:DeleteRetentionPolicy",
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
