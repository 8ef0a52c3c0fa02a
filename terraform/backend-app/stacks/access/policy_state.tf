# Terraform's states and their lock files, as the S3 backend uses them: Terraform, "Backend type: s3", permissions.
# What begins as a state's name does is covered with it: its lock file, and beside the service's state the lock on
# deployments, which who deploys writes and nobody removes (scripts/deploy/locks.py).
# The states are encrypted by S3's own key, which asks for no right of KMS's. Units honeycomb-key and access are none of
# theirs: who has the key applies the one, who gives rights the other; and network makes a role.
locals {
  tracing_units    = ["xray", "honeycomb", "logs"]
  deployment_units = ["registry", "service", "alarms"]

  states = {
    plan   = { units = concat(local.tracing_units, local.deployment_units, ["network"]), reads = [] }
    apply  = { units = local.tracing_units, reads = [] }
    deploy = { units = local.deployment_units, reads = ["network"] } # its outputs are the service's inputs
  }
}

data "aws_iam_policy_document" "state" {
  for_each = local.states

  statement {
    sid       = "FindStates"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket_arn]
  }
  statement {
    sid       = each.key == "plan" ? "ReadStates" : "ChangeStates" # and who has locked them
    actions   = each.key == "plan" ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"]
    resources = [for unit in each.value.units : "${local.states_arn}/${unit}/terraform.tfstate*"]
  }
  dynamic "statement" {
    for_each = length(each.value.reads) == 0 ? [] : [each.value.reads]

    content {
      sid       = "ReadOthers"
      actions   = ["s3:GetObject"]
      resources = [for unit in statement.value : "${local.states_arn}/${unit}/terraform.tfstate"]
    }
  }
  statement {
    sid       = "Lock"
    actions   = each.key == "plan" ? ["s3:DeleteObject", "s3:PutObject"] : ["s3:DeleteObject"]
    resources = [for unit in each.value.units : "${local.states_arn}/${unit}/terraform.tfstate.tflock"]
  }
}
