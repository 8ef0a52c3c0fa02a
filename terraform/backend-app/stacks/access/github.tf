# GitHub's subjects, whole and without wildcards: docs.github.com, "OpenID Connect reference". Since July 2026 new and
# renamed repositories carry their ids in it ("Immutable subject claims", github.blog/changelog of 2026-04-23); others
# keep the older form until they opt in, so that both are accepted. The repository's id is a condition of its own where
# it is known ("IAM and AWS STS condition context keys", keys of GitHub's provider): a name that somebody else took over
# has another id. job_workflow_ref, a key of the same list, is the file that has the job, a called one's where a workflow
# calls another: OWNER/REPO/.github/workflows/FILE@REF, without ids in either form.
locals {
  issuer = "token.actions.githubusercontent.com"

  repository = var.github == null ? "" : "${var.github.owner}/${var.github.repository}"
  has_ids    = try(var.github.repository_id, null) != null
  repository_forms = var.github == null ? [] : concat([local.repository], local.has_ids ? [
    "${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}"
  ] : [])
  branch_ref = "refs/heads/${try(var.github.branch, "main")}"

  # A job in a GitHub environment has the environment for its subject and not the branch, which is asked for apart.
  github_roles = var.github == null ? {} : {
    plan = {
      description = "Plans of pull requests: reads, and never the Honeycomb key"
      subject     = "pull_request"
      claims      = {}
      policy      = data.aws_iam_policy_document.plan.json
    }
    apply = {
      description = "Applies xray, honeycomb and logs, from GitHub environment ${var.github_environment}"
      subject     = "environment:${var.github_environment}"
      claims      = { ref = local.branch_ref }
      policy      = data.aws_iam_policy_document.apply.json
    }
    deploy = {
      description = "Deploys: registry, service and alarms, from GitHub environment ${var.github_environment}"
      subject     = "environment:${var.github_environment}"
      claims      = { ref = local.branch_ref }
      policy      = data.aws_iam_policy_document.deploy.json
    }
    verify = {
      description = "Verifies at night: reads everything that verify compares"
      # Every workflow of the branch has this subject, those that a stranger's comment or pull request sets off too.
      subject = "ref:${local.branch_ref}"
      claims  = { job_workflow_ref = "${local.repository}/.github/workflows/${var.github_verify_workflow}@${local.branch_ref}" }
      policy  = data.aws_iam_policy_document.verify.json
    }
  }

  provider_arn = var.github_oidc_provider_arn != "" ? var.github_oidc_provider_arn : one(aws_iam_openid_connect_provider.this[*].arn)
}

# AWS checks GitHub's certificate by its own authorities and needs no thumbprint.
resource "aws_iam_openid_connect_provider" "this" {
  count = var.github != null && var.github_oidc_provider_arn == "" ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]

  tags = var.tags
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github_roles

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = [for form in local.repository_forms : "repo:${form}:${each.value.subject}"]
    }
    dynamic "condition" {
      for_each = merge(each.value.claims, local.has_ids ? { repository_id = var.github.repository_id } : {})

      content {
        test     = "StringEquals"
        variable = "${local.issuer}:${condition.key}"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.github_roles

  name                 = "${var.name}-${each.key}"
  description          = each.value.description
  assume_role_policy   = data.aws_iam_policy_document.github_trust[each.key].json
  max_session_duration = 3600

  tags = var.tags
}

resource "aws_iam_role_policy" "github" {
  for_each = local.github_roles

  name   = each.key
  role   = aws_iam_role.github[each.key].name
  policy = each.value.policy

  lifecycle {
    # IAM counts no white space: IAM user guide, "IAM and AWS STS quotas".
    precondition {
      condition     = length(jsonencode(jsondecode(each.value.policy))) <= 10240
      error_message = "The policy of role ${var.name}-${each.key} has ${length(jsonencode(jsondecode(each.value.policy)))} characters, IAM allows 10240: shorten name or the sampling rules' names."
    }
  }
}

resource "aws_iam_role_policies_exclusive" "github" {
  for_each = local.github_roles

  role_name    = aws_iam_role.github[each.key].name
  policy_names = [aws_iam_role_policy.github[each.key].name]
}

resource "aws_iam_role_policy_attachments_exclusive" "github" {
  for_each = local.github_roles

  role_name   = aws_iam_role.github[each.key].name
  policy_arns = []
}
