include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/access"
}

locals {
  root = include.root.locals
}

inputs = {
  name                     = local.root.name
  account_id               = local.root.settings.account_id
  parameter_path           = local.root.parameter_path
  honeycomb_kms_key_id     = local.root.settings.honeycomb_kms_key_id
  xray_group_name          = local.root.group_name
  xray_sampling_rule_names = values(local.root.rule_names)
  xray_encryption          = local.root.settings.encryption != null
  log_group_name           = local.root.parameter_path # as unit logs names it
  github                   = try(length(local.root.settings.github), 0) == 0 ? null : local.root.settings.github
  github_environment       = local.root.environment
  github_oidc_provider_arn = local.root.settings.github_oidc_provider_arn
  state_bucket             = local.root.state_bucket
  state_prefix             = local.root.service
  injected_parameters      = local.root.settings.tracing_mode == "collector" ? ["honeycomb/api-key"] : [] # as unit service has it
  collector_image          = local.root.settings.service_collector_image
  cluster_name             = local.root.prefix
  hosted_zone_id           = local.root.settings.service_hosted_zone_id
  owner_tags               = { for key in ["Project", "Service", "Environment"] : key => local.root.tags[key] }
  flow_logs_group_name     = "/${local.root.project}/${local.root.environment}/flow-logs" # as unit network names it
}
