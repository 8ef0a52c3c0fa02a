# What has an id that isn't known before it is there is known by its tags: security groups and certificates.
data "aws_iam_policy_document" "deploy_owned" {
  statement {
    sid       = "InVpc"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.ec2}:vpc/*"]
  }
  dynamic "statement" {
    for_each = local.owned

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = var.owner_tags

        content {
          test     = "StringEquals"
          variable = "aws:${statement.value.tags}Tag/${condition.key}"
          values   = [condition.value]
        }
      }
    }
  }
  # Only as it is made: else whatever there is could be made its own by a tag.
  statement {
    sid       = "TagAsMade"
    actions   = ["ec2:CreateTags"]
    resources = local.security_group_arns

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup"]
    }
  }
}

locals {
  owned = {
    MakeOwn = {
      tags      = "Request"
      resources = ["*"] # a certificate has no ARN before it is there
      actions   = ["acm:AddTagsToCertificate", "acm:RequestCertificate", "ec2:CreateSecurityGroup"]
    }
    # The rule that is made, of the groups below: EC2 looks at it too where it gets tags, and it has none before.
    MakeRules = {
      tags      = "Request"
      resources = ["${local.ec2}:security-group-rule/*"]
      actions   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"]
    }
    ChangeOwn = {
      tags      = "Resource"
      resources = concat(local.security_group_arns, [local.certificates_arn])
      actions = [
        "acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:RemoveTagsFromCertificate", "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags", "ec2:DeleteSecurityGroup", "ec2:DeleteTags",
        "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
      ]
    }
  }
}
