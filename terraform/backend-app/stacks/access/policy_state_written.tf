# Terragrunt looks whether the bucket is as the root configuration says; to make or mend it is no role's.
data "aws_iam_policy_document" "state_written" {
  for_each = { for role, states in local.states : role => states if role != "plan" }

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
}
