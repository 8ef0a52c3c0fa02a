include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/honeycomb"
}

locals {
  root = include.root.locals
}

inputs = {
  parameter_path          = local.root.parameter_path
  endpoint                = local.root.settings.honeycomb_endpoint
  dataset                 = coalesce(local.root.settings.honeycomb_dataset, local.root.service_name)
  xray_group_name         = local.root.name
  xray_sampling_rule_name = local.root.name
}
