include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/logs"
}

locals {
  root = include.root.locals
}

inputs = merge(local.root.single, {
  parameter_path = local.root.parameter_path
  group_name     = local.root.parameter_path # groups are named by paths too
  retention_days = local.root.settings.logs_retention_days
  kms_key_id     = local.root.settings.logs_kms_key_id
})
