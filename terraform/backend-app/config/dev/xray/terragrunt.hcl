include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/xray"
}

locals {
  root = include.root.locals
}

inputs = merge(local.root.single, {
  group_name                     = local.root.group_name
  filter_expression              = local.root.settings.filter_expression == null ? "service(\"${local.root.service_name}\")" : local.root.settings.filter_expression
  insights_enabled               = local.root.settings.insights_enabled
  insights_notifications_enabled = local.root.settings.insights_notifications_enabled
  encryption                     = local.root.settings.encryption
  allow_rules_that_sdks_ignore   = local.root.settings.allow_rules_that_sdks_ignore

  sampling_rules = {
    for key, name in local.root.rule_names : name => {
      for setting, value in merge(
        local.root.defaults.sampling_rule,
        { service_name = local.root.service_name },
        try(local.root.defaults.sampling_rules[key], {}),
        try(local.root.settings.sampling_rules[key], {}),
      ) : setting => value if setting != "name"
    }
  }
})
