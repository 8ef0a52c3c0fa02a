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

inputs = merge(local.root.single, {
  parameter_path          = local.root.parameter_path
  endpoint                = local.root.settings.honeycomb_endpoint
  dataset                 = coalesce(local.root.settings.honeycomb_dataset, local.root.service_name)
  xray_group_name         = local.root.group_name
  xray_sampling_rule_name = try(local.root.rule_names["service"], local.root.group_name)
})
