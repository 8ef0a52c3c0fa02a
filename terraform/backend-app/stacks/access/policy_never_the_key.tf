# No policy that is added later opens the key to a role that plans or applies.
data "aws_iam_policy_document" "never_the_key" {
  statement {
    sid       = "NeverTheKey"
    effect    = "Deny"
    actions   = ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters"]
    resources = ["${local.key_arn}*", "${local.rollbar_arn}*"] # every version of theirs too
  }
  statement {
    sid       = "NeverWholePathsNeverDecrypt"
    effect    = "Deny"
    actions   = ["kms:Decrypt", "ssm:GetParametersByPath"]
    resources = ["*"]
  }
}
