# Units registry, service and alarms, the image, and what `make deploy` asks while it waits.
data "aws_iam_policy_document" "deploy" {
  source_policy_documents = [
    data.aws_iam_policy_document.state["deploy"].json,
    data.aws_iam_policy_document.state_written["deploy"].json,
    data.aws_iam_policy_document.deploy_owned.json,
    data.aws_iam_policy_document.deploy_roles.json,
    data.aws_iam_policy_document.never_the_key.json,
  ]

  dynamic "statement" {
    for_each = local.deployment_rights

    content {
      actions   = concat(statement.value.read, statement.value.write)
      resources = statement.value.of
    }
  }

  # These know no resources; what is defined runs with the two roles below or with none.
  statement {
    sid = "All"
    actions = concat(local.deployment_lists, [
      "ec2:DescribeNetworkInterfaces",
      "ecr:GetAuthorizationToken",
      "ecs:DeregisterTaskDefinition",
      "ecs:ListTaskDefinitions",
      "ecs:RegisterTaskDefinition",
      "sns:Unsubscribe",
      "xray:PutTraceSegments", # the command's own trace
    ], var.hosted_zone_id == "" ? [] : ["route53:GetChange"])
    resources = ["*"]
  }
  statement {
    sid       = "TagDefinitions"
    actions   = ["ecs:TagResource"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }
  statement {
    sid       = "Tasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }
}
