# Each plan and apply is a trace itself, which the command sends. X-Ray knows no resource for it.
data "aws_iam_policy_document" "own_trace" {
  statement {
    sid       = "SendOwnTrace"
    actions   = ["xray:PutTraceSegments"]
    resources = ["*"]
  }
}
