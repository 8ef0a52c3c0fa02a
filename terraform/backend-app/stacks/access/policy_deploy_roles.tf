# No role is made or changed by who deploys; of roles only the task's own two are handed on, to ECS tasks alone.
data "aws_iam_policy_document" "deploy_roles" {
  statement {
    sid       = "HandOnRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # Which an account has from the services' first use on.
  statement {
    sid       = "ServicesRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.role}/aws-service-role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = [for service in ["ecs", "ecs.application-autoscaling", "elasticloadbalancing"] : "${service}.amazonaws.com"]
    }
  }
}
