# What ECS itself needs to start a task: the image, the log streams, and the secrets that the task definition names.
# ECS developer guide, "Amazon ECS task execution IAM role": of its managed policy, narrowed to this service's own.
data "aws_iam_policy_document" "execution" {
  # It knows no resources, and gives nothing without the rights below.
  statement {
    sid       = "LogIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    sid       = "Pull"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [local.repository_arn]
  }
  # Where the collector's image is in this account's ECR. The last two are for a pull-through cache: ECR user guide, "IAM
  # permissions required to sync an upstream registry".
  dynamic "statement" {
    for_each = local.collector_arns

    content {
      sid = "PullCollector"
      actions = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository",
        "ecr:GetDownloadUrlForLayer",
      ]
      resources = [statement.value]
    }
  }
  # Driver awslogs, stream prefix ecs.
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:ecs/*"]
  }
  dynamic "statement" {
    for_each = length(var.injected_parameters) == 0 ? [] : [1]

    content {
      sid       = "InjectSecrets"
      actions   = ["ssm:GetParameters"]
      resources = local.injected_arns
    }
  }
  dynamic "statement" {
    for_each = var.honeycomb_kms_key_id == null || length(var.injected_parameters) == 0 ? [] : [var.honeycomb_kms_key_id]

    content {
      sid       = "DecryptSecrets"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["ssm.${local.region}.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:PARAMETER_ARN"
        values   = local.injected_arns
      }
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts the traced backend's tasks: image, log streams, injected secrets"
  assume_role_policy = data.aws_iam_policy_document.task_trust.json

  tags = var.tags
}
