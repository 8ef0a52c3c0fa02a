# Terraform's states and their lock files, as the S3 backend uses them: Terraform, "Backend type: s3", permissions.
# The states are encrypted by S3's own key, which asks for no right of KMS's.
# Unit honeycomb-key is none of theirs: who has the key applies it.
locals {
  workflow_units = ["xray", "honeycomb", "logs"]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "FindStates"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket_arn]
  }
  statement {
    sid       = "ReadStates"
    actions   = ["s3:GetObject"]
    resources = [for unit in local.workflow_units : "${local.states_arn}/${unit}/terraform.tfstate"]
  }
  statement {
    sid       = "Lock"
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = [for unit in local.workflow_units : "${local.states_arn}/${unit}/terraform.tfstate.tflock"]
  }
}
