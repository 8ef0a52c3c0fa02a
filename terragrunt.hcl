# What every unit shares: names, state, provider, tags. Units include it by its explicit path.
locals {
  # The two values that another repo changes.
  project = "cruddur"
  service = "backend-flask"

  environment = basename(dirname(get_terragrunt_dir()))
  unit        = basename(get_terragrunt_dir())
  defaults    = read_terragrunt_config("${get_terragrunt_dir()}/../../defaults.hcl").locals
  given       = read_terragrunt_config("${get_terragrunt_dir()}/../env.hcl").locals
  settings    = merge(local.defaults.settings, local.given, local.adopted, { sampling_rules = local.asked_rules })

  # What `make adopt` found to be otherwise than env.hcl says; it goes before env.hcl, a rule's settings one by one.
  # A rule that env.hcl drops, by null, stays dropped.
  adopted       = merge(read_terragrunt_config("${get_terragrunt_dir()}/../adopted.hcl", { locals = {} }).locals, {})
  given_rules   = merge(try(local.given.sampling_rules, {}), {})
  adopted_rules = merge(try(local.adopted.sampling_rules, {}), {})
  asked_rules = merge(local.given_rules, {
    for key, rule in local.adopted_rules : key => merge(try(local.given_rules[key], {}), rule) if !try(local.given_rules[key] == null, false)
  })

  prefix         = "${local.project}-${local.environment}"
  name           = "${local.prefix}-${local.service}"
  service_name   = coalesce(local.settings.service_name, local.group_name)
  group_name     = coalesce(local.settings.group_name, local.name)
  parameter_path = "/${local.project}/${local.environment}/${local.service}"
  state_bucket   = coalesce(local.settings.state_bucket, "${local.prefix}-terraform-state-${local.settings.account_id}")
  tags = merge(local.settings.tags, {
    Project     = local.project
    Service     = local.service
    Environment = local.environment
    ManagedBy   = "terragrunt"
  })

  # X-Ray's names, by the key that defaults.hcl and env.hcl know a rule by; the service's rule is called as its group.
  rules = merge(local.defaults.sampling_rules, local.settings.sampling_rules)
  called = {
    for key, rule in local.rules : key => coalesce(try(rule.name, null), key == "service" ? local.group_name : "${local.prefix}-${key}") if rule != null
  }
  # A name that two rules have is a problem of its own: here the first has it.
  rule_names = { for key, name in local.called : key => name if key == [for other, same in local.called : other if same == name][0] }

  # Inputs that a unit has only where the settings name single resources of it.
  single = {
    for name in ["resource_tags", "resource_descriptions", "imported_parameters"] : name => local.settings[name][local.unit] if try(length(local.settings[name][local.unit]), 0) > 0
  }

  retention_days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

  # Asked of unit access alone: the tracing units need no repository.
  github_settings = ["owner", "repository", "owner_id", "repository_id", "branch"]
  github_problems = concat(
    local.settings.github != null ? [] : ["github is not set, expected the repository whose workflows get roles, { owner = \"...\", repository = \"...\", owner_id = ..., repository_id = ... }, or {} for none"],
    try(length(local.settings.github), 0) == 0 || alltrue([for name in ["owner", "repository"] : try(length(local.settings.github[name]), 0) > 0]) ? [] : ["github has no owner or no repository, expected both names, as in { owner = \"octo-org\", repository = \"octo-repo\" }"],
    [for name in setsubtract(try(keys(local.settings.github), []), local.github_settings) : "github: there is no setting ${name}; expected are ${join(", ", local.github_settings)}"],
  )

  rule_settings = concat(keys(local.defaults.sampling_rule), ["priority", "reservoir_size", "fixed_rate"])

  # Settings of single resources, with the units that have them; what is no mapping has no unit here.
  single_units = {
    resource_tags         = ["xray", "honeycomb", "logs"]
    resource_descriptions = ["honeycomb", "logs"]
    imported_parameters   = ["honeycomb", "logs"]
  }
  single_expected = {
    resource_tags         = "tags by unit and resource, as in { xray = { group = { Team = \"a\" } } }"
    resource_descriptions = "texts by unit and parameter, as in { honeycomb = { \"honeycomb/endpoint\" = \"...\" } }"
    imported_parameters   = "lists of parameters by unit, as in { honeycomb = [\"honeycomb/endpoint\"] }"
  }
  single_readable = {
    resource_tags         = can([for own in values(local.settings.resource_tags) : [for tags in values(own) : join("", values(tags))]])
    resource_descriptions = can([for own in values(local.settings.resource_descriptions) : join("", values(own))])
    imported_parameters   = can([for own in values(local.settings.imported_parameters) : join("", own)])
  }
  single_problems = {
    for name, units in local.single_units : name => concat(
      local.single_readable[name] ? [] : ["${name} is ${jsonencode(local.settings[name])}, expected ${local.single_expected[name]}"],
      [for unit in setsubtract(try(keys(local.settings[name]), []), units) : "${name}: no unit ${unit} has it; expected are ${join(", ", units)}"],
    )
  }

  # By setting, so that each is told with the file that has it.
  setting_problems = merge(local.single_problems, {
    account_id          = can(regex("^[0-9]{12}$", local.settings.account_id)) ? [] : ["account_id is \"${local.settings.account_id}\", expected an AWS account's twelve digits"]
    region              = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", local.settings.region)) ? [] : ["region is \"${local.settings.region}\", expected one like eu-west-1"]
    honeycomb_endpoint  = length(local.settings.honeycomb_endpoint) > 0 ? [] : ["honeycomb_endpoint is not set, expected Honeycomb's address (for local: HONEYCOMB_API_ENDPOINT, written by `make local-up`)"]
    local_cloud         = local.settings.local_cloud && get_env("AWS_ENDPOINT_URL", "") == "" ? ["AWS_ENDPOINT_URL is not set, and this environment is for the local cloud only: run `make local-up`, then read .local/env"] : []
    state_bucket        = length(local.settings.account_id) != 12 || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", local.state_bucket)) ? [] : ["${local.state_bucket} can't be a bucket's name, expected 3 to 63 lower-case letters, digits, dots and hyphens: set state_bucket"]
    service_name        = can(regex("^[\\pL\\pN _.:/%&#=+@-]+$", local.service_name)) && length(local.service_name) <= 64 ? [] : ["service_name is \"${local.service_name}\", expected 1 to 64 letters, digits, spaces and _.:/%&#=+-@, as X-Ray allows"]
    encryption          = local.settings.encryption == null || try(contains(["NONE", "KMS"], local.settings.encryption.type), false) ? [] : ["encryption is ${jsonencode(local.settings.encryption)}, expected { type = \"KMS\", key_id = \"<the key's ARN>\" }, { type = \"NONE\" }, or null for as it is"]
    logs_retention_days = try(contains(local.retention_days, local.settings.logs_retention_days), false) ? [] : ["logs_retention_days is ${jsonencode(local.settings.logs_retention_days)}, expected a number of days that CloudWatch has: ${join(", ", local.retention_days)}"]
    logs_kms_key_id     = local.settings.logs_kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", local.settings.logs_kms_key_id)) ? [] : ["logs_kms_key_id is ${jsonencode(local.settings.logs_kms_key_id)}, expected a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>)"]
    github              = local.unit == "access" ? local.github_problems : []
  })

  # By rule; its name may be the group's.
  name_problems = {
    for key, name in local.called : key => concat(
      contains(keys(local.rule_names), key) && length(name) > 32 ? ["the name ${name} has ${length(name)} characters, X-Ray allows 32: shorten project or service in the root terragrunt.hcl, or the rule's key"] : [],
      contains(keys(local.rule_names), key) ? [] : ["sampling rule ${key}: its name ${name} is another rule's too"],
    )
  }
  adopted_names = [
    for key, name in local.called : name if anytrue([
      try(local.adopted_rules[key].name, null) != null,
      !contains(concat(keys(local.given_rules), keys(local.defaults.sampling_rules)), key),
      key == "service" && contains(keys(local.adopted), "group_name") && try(local.rules[key].name, null) == null,
    ])
  ]

  # env.hcl's, then adopted.hcl's.
  problems = concat(
    flatten([for name, found in local.setting_problems : found if !contains(keys(local.adopted), name)]),
    flatten([for key, found in local.name_problems : found if !contains(local.adopted_names, local.called[key])]),
    [for name in setsubtract(keys(local.given), keys(local.defaults.settings)) : "there is no setting ${name}; the settings are in defaults.hcl"],
    flatten([for key, rule in local.given_rules : [for name in setsubtract(keys(rule), local.rule_settings) : "sampling rule ${key}: there is no setting ${name}"] if rule != null]),
  )
  adopted_problems = concat(
    flatten([for name, found in local.setting_problems : found if contains(keys(local.adopted), name)]),
    flatten([for key, found in local.name_problems : found if contains(local.adopted_names, local.called[key])]),
    [for name in setsubtract(keys(local.adopted), keys(local.defaults.settings)) : "there is no setting ${name}; the settings are in defaults.hcl"],
    flatten([for key, rule in local.adopted_rules : [for name in setsubtract(keys(rule), local.rule_settings) : "sampling rule ${key}: there is no setting ${name}"] if rule != null]),
  )
  refused = [
    for file, found in { "env.hcl" = local.problems, "adopted.hcl" = local.adopted_problems } : "config/${local.environment}/${file}: ${join("; ", found)}" if length(found) > 0
  ]
}

terraform {
  # Lock files live with the stacks: a run must not write one beside each unit.
  copy_terraform_lock_file = false

  # Before anything is downloaded, bootstrapped or asked for.
  after_hook "settings" {
    if       = length(local.refused) > 0
    commands = ["terragrunt-read-config"]
    execute  = ["sh", "-c", "echo \"$0\" >&2; exit 1", join("; ", local.refused)]
  }
}

remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket         = length(local.refused) == 0 ? local.state_bucket : ""
    key            = "${local.service}/${local.unit}/terraform.tfstate"
    region         = local.settings.region
    encrypt        = true
    use_lockfile   = true
    use_path_style = get_env("AWS_ENDPOINT_URL", "") != ""
    max_retries    = local.settings.max_retries
    s3_bucket_tags = local.tags

    # The local cloud speaks plain HTTP and enforces bucket policies; nowhere else may these be skipped.
    skip_bucket_enforced_tls = local.settings.local_cloud
    skip_bucket_root_access  = local.settings.local_cloud
  }
}

# The same text for every unit of an environment: units may share one provider process.
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    provider "aws" {
      region              = "${local.settings.region}"
      allowed_account_ids = ["${local.settings.account_id}"]
      max_retries         = ${local.settings.max_retries}

      default_tags {
        tags = ${jsonencode(local.tags)}
      }
    }
  EOF
}

generate "provider_version" {
  path      = "versions_override.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    terraform {
      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 5.100"
        }
      }
    }
  EOF
}
