# What `make verify` asks, the key's value among it, which it shows to Honeycomb.
data "aws_iam_policy_document" "verify" {
  statement {
    sid = "ReadParameters"
    actions = [
      "ssm:GetParameterHistory",
      "ssm:GetParameters",
      "ssm:GetParametersByPath",
    ]
    resources = [local.path_arn, "${local.path_arn}/*"]
  }
  statement {
    sid       = "ReadGroup"
    actions   = ["xray:GetGroup"]
    resources = [local.xray_group_arn]
  }
  statement {
    sid = "List"
    actions = concat([
      "logs:DescribeLogGroups",
      "ssm:DescribeParameters",
      "xray:BatchGetTraces",
      "xray:GetSamplingRules",
      "xray:GetServiceGraph",
      "xray:GetTraceSummaries",
      "xray:ListResourcePolicies",
    ], var.xray_encryption ? ["xray:GetEncryptionConfig"] : [])
    resources = ["*"]
  }
  statement {
    sid       = "ReadLogLines"
    actions   = ["logs:FilterLogEvents"]
    resources = ["${local.log_group_arn}:*"]
  }
  statement {
    sid       = "ReadRoles"
    actions   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
    resources = [for role in ["task", "execution", "plan", "apply", "deploy", "verify"] : "arn:${local.partition}:iam::${var.account_id}:role/${var.name}-${role}"]
  }

  # None is attached; who attaches one all the same gets it looked at.
  statement {
    sid     = "ReadAttachedPolicies"
    actions = ["iam:GetPolicy", "iam:GetPolicyVersion"]
    resources = [
      "arn:${local.partition}:iam::${var.account_id}:policy/*",
      "arn:${local.partition}:iam::aws:policy/*",
    ]
  }
  # Without this S3 says of a state that isn't there that it is forbidden.
  statement {
    sid       = "FindStates"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket_arn]
  }
  statement {
    sid       = "ReadOwnState"
    actions   = ["s3:GetObject"]
    resources = ["${local.states_arn}/access/terraform.tfstate"]
  }
  dynamic "statement" {
    for_each = var.honeycomb_kms_key_id == null ? [] : [var.honeycomb_kms_key_id]

    content {
      sid       = "DecryptParameters"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ssm.${local.region}.amazonaws.com"]
      }
      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:PARAMETER_ARN"
        values   = ["${local.path_arn}/*"]
      }
    }
  }
}
