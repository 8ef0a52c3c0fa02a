include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/network"
}

locals {
  root = include.root.locals
}

inputs = {
  name                     = local.root.prefix
  account_id               = local.root.settings.account_id
  existing                 = local.root.settings.network_existing
  cidr                     = local.root.settings.network_cidr
  reserved_cidrs           = local.root.settings.network_reserved_cidrs
  zones                    = local.root.settings.network_zones
  nat                      = local.root.settings.network_nat
  endpoints                = local.root.settings.network_endpoints
  collector_image          = local.root.settings.service_collector_image
  flow_logs                = local.root.settings.network_flow_logs
  flow_logs_group_name     = "/${local.root.project}/${local.root.environment}/flow-logs"
  flow_logs_retention_days = local.root.settings.logs_retention_days
  flow_logs_kms_key_id     = local.root.settings.logs_kms_key_id
}
