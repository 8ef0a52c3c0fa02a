# The backend's own role, which the X-Ray daemon or collector beside it shares, as containers of one ECS task do.
# scripts/iam/backend_calls.json has the same calls; tests hold both against what the backend is seen to call.
data "aws_iam_policy_document" "task" {
  statement {
    sid       = "ReadParameters"
    actions   = ["ssm:GetParametersByPath"]
    resources = [local.path_arn]
  }

  # Where Honeycomb's key isn't a parameter's, no secret but this one is decrypted.
  statement {
    sid       = "ReadRollbarToken"
    actions   = ["ssm:GetParameters"]
    resources = [local.rollbar_arn]
  }

  # SSM names the parameter in the encryption context: KMS developer guide, "How Parameter Store uses AWS KMS".
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

  statement {
    sid       = "ReadGroup"
    actions   = ["xray:GetGroup"]
    resources = [local.xray_group_arn]
  }

  # These know no resources: service authorization reference, "Actions, resources, and condition keys for AWS X-Ray".
  statement {
    sid = "SampleAndSend"
    actions = [
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:*"]
  }
}

# Only ECS tasks of this account: ECS developer guide, "Task IAM role", on the confused deputy.
data "aws_iam_policy_document" "task_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:ecs:${local.here}:*"]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "The traced backend and its daemon or collector"
  assume_role_policy = data.aws_iam_policy_document.task_trust.json

  tags = var.tags
}

resource "aws_iam_role_policy" "task" {
  name   = "backend"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.task.json
}

# Policies that were added by hand are taken away again.
resource "aws_iam_role_policies_exclusive" "task" {
  role_name    = aws_iam_role.task.name
  policy_names = [aws_iam_role_policy.task.name]
}

resource "aws_iam_role_policy_attachments_exclusive" "task" {
  role_name   = aws_iam_role.task.name
  policy_arns = []
}
