# What every unit shares: names, state, provider, tags. Units include it by its explicit path.
# Terragrunt reads this file and evaluates these locals ten times for each unit, in as many rounds as one waits for another.
locals {
  # The two values that another repo changes.
  project = "cruddur"
  service = "backend-flask"

  environment = basename(dirname(get_terragrunt_dir()))
  unit        = basename(get_terragrunt_dir())
  defaults    = read_terragrunt_config("${get_terragrunt_dir()}/../../defaults.hcl").locals
  given       = read_terragrunt_config("${get_terragrunt_dir()}/../env.hcl").locals

  # What `make adopt` found to be otherwise than env.hcl says; it goes before env.hcl, a rule's settings one by one.
  # A rule that env.hcl drops, by null, stays dropped.
  adopted = merge(read_terragrunt_config("${get_terragrunt_dir()}/../adopted.hcl", { locals = {} }).locals, {})
  settings = merge(local.defaults.settings, local.given, local.adopted, {
    sampling_rules = merge(try(local.given.sampling_rules, {}), {
      for key, rule in merge(try(local.adopted.sampling_rules, {}), {}) : key => merge(try(local.given.sampling_rules[key], {}), rule)
      if !try(local.given.sampling_rules[key] == null, false)
    })
  })

  prefix         = "${local.project}-${local.environment}"
  name           = "${local.project}-${local.environment}-${local.service}"
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
  called = {
    for key, rule in merge(local.defaults.sampling_rules, local.settings.sampling_rules) :
    key => coalesce(try(rule.name, null), key == "service" ? local.group_name : "${local.prefix}-${key}") if rule != null
  }
  # A name that two rules have is a problem of its own: here the first has it.
  rule_names = { for key, name in local.called : key => name if key == [for other, same in local.called : other if same == name][0] }

  # Inputs that a unit has only where the settings name single resources of it.
  single = {
    for name in ["resource_tags", "resource_descriptions", "imported_parameters"] :
    name => local.settings[name][local.unit] if try(length(local.settings[name][local.unit]), 0) > 0
  }

  # What may be in settings. Days are text: Terragrunt writes out each number of a local, ten times for each unit, slowly.
  known = {
    days    = "[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]"
    github  = ["owner", "repository", "owner_id", "repository_id", "branch"]
    rule    = concat(keys(local.defaults.sampling_rule), ["priority", "reservoir_size", "fixed_rate"])
    singles = { resource_tags = ["xray", "honeycomb", "logs"], resource_descriptions = ["honeycomb", "logs"], imported_parameters = ["honeycomb", "logs"] }

    # Of the deployment's settings: what each may be, or from what number to what; the stacks hold the rest.
    choices = "{\"tracing_mode\":[\"collector\",\"direct\"],\"network_nat\":[\"single\",\"zone\",\"none\"],\"network_zones\":[2,3],\"service_cpu\":[256,512,1024,2048,4096]}"
    ranges  = "{\"registry_images_kept\":[10,10000],\"service_workers\":[1,256],\"service_tasks_min\":[1,5000],\"service_tasks_max\":[1,5000],\"service_requests_target\":[1,1000000000],\"alarm_faults_percent\":[0.1,99.9],\"alarm_latency_seconds\":[0.001,900]}"
  }

  # Those of them that the environment sets to what can't be: another kind than the default's, by JSON's first character
  # with numbers and truths taken as one each, or another value. Only what is set is looked at: nothing else can be wrong.
  misfits = [
    for name, value in merge(local.given, local.adopted) : name
    if can(regex("^(alarm|network|registry|service|tracing)_", name)) && name != "service_name" && can(local.defaults.settings[name]) && !(
      try(local.defaults.settings[name] == null, false)
      ? try(value == null, false) || can(name == "network_existing" ? keys(value) : [regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", value)])
      : alltrue([
        replace(replace(substr(jsonencode(value), 0, 1), "/[0-9-]/", "0"), "/[ft]/", "t") == replace(replace(substr(jsonencode(local.defaults.settings[name]), 0, 1), "/[0-9-]/", "0"), "/[ft]/", "t"),
        try(contains(jsondecode(local.known.choices)[name], value), !can(jsondecode(local.known.choices)[name])),
        try(value >= jsondecode(local.known.ranges)[name][0] && value <= jsondecode(local.known.ranges)[name][1], !can(jsondecode(local.known.ranges)[name])),
      ])
    )
  ]

  # What has to hold of the settings, then of what is made of them. problems.tftpl, read only where something doesn't, has the words.
  unfit = [for name, holds in {
    account_id            = can(regex("^[0-9]{12}$", local.settings.account_id))
    region                = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", local.settings.region))
    local_cloud           = !local.settings.local_cloud || get_env("AWS_ENDPOINT_URL", "") != ""
    encryption            = local.settings.encryption == null || can(index(["NONE", "KMS"], local.settings.encryption.type))
    honeycomb_endpoint    = length(local.settings.honeycomb_endpoint) > 0
    logs_retention_days   = can(index(jsondecode(local.known.days), local.settings.logs_retention_days))
    logs_kms_key_id       = local.settings.logs_kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", local.settings.logs_kms_key_id))
    resource_tags         = can([for own in values(local.settings.resource_tags) : [for tags in values(own) : join("", values(tags))]])
    resource_descriptions = can([for own in values(local.settings.resource_descriptions) : join("", values(own))])
    imported_parameters   = can([for own in values(local.settings.imported_parameters) : join("", own)])
    single_units          = alltrue(flatten([for name, units in local.known.singles : [for unit in try(keys(local.settings[name]), []) : contains(units, unit)]]))

    # Asked of unit access alone: the tracing units need no repository.
    github          = local.unit != "access" || local.settings.github != null
    github_names    = local.unit != "access" || try(length(local.settings.github), 0) == 0 || alltrue([for name in ["owner", "repository"] : try(length(local.settings.github[name]), 0) > 0])
    github_settings = local.unit != "access" || alltrue([for name in try(keys(local.settings.github), []) : contains(local.known.github, name)])

    misfits       = length(local.misfits) == 0
    settings      = length(local.settings) == length(local.defaults.settings)
    rule_settings = alltrue(flatten([for own in [local.given, local.adopted] : [for rule in values(merge(try(own.sampling_rules, {}), {})) : [for name in keys(rule) : contains(local.known.rule, name)] if rule != null]]))
  } : name if !holds]
  wrong = [for names in [concat(local.unfit, [for name, holds in {
    state_bucket = length(local.settings.account_id) != 12 || length(local.state_bucket) < 64 && can(regex("^[a-z0-9][a-z0-9.-]+[a-z0-9]$", local.state_bucket))
    service_name = length(local.service_name) <= 64 && alltrue([for other in regexall("[^\\w .:/%&#=+@-]", local.service_name) : can(regex("[\\pL\\pN]", other))])
    rule_names   = length(local.rule_names) == length(local.called) && alltrue([for name in values(local.called) : length(name) <= 32])
    } : name if !holds])] : jsondecode(templatefile("${get_terragrunt_dir()}/../../problems.tftpl", {
    wrong        = names
    known        = local.known
    defaults     = local.defaults
    given        = local.given
    adopted      = local.adopted
    settings     = local.settings
    state_bucket = local.state_bucket
    service_name = local.service_name
    called       = local.called
    rule_names   = local.rule_names
    misfits      = local.misfits
  })) if length(names) > 0]
  problems         = flatten(local.wrong[*].problems)
  adopted_problems = flatten(local.wrong[*].adopted_problems)
}

terraform {
  # Lock files live with the stacks: a run must not write one beside each unit.
  copy_terraform_lock_file = false

  # Before anything is downloaded, bootstrapped or asked for.
  after_hook "settings" {
    if       = length(local.wrong) > 0
    commands = ["terragrunt-read-config"]
    execute = ["sh", "-c", "echo \"$0\" >&2; exit 1", join("; ", [
      for file, found in { "env.hcl" = local.problems, "adopted.hcl" = local.adopted_problems } :
      "config/${local.environment}/${file}: ${join("; ", found)}" if length(found) > 0
    ])]
  }
}

remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket         = length(local.wrong) == 0 ? local.state_bucket : ""
    key            = "${local.service}/${local.unit}/terraform.tfstate"
    region         = local.settings.region
    encrypt        = true
    use_lockfile   = true
    use_path_style = get_env("AWS_ENDPOINT_URL", "") != ""
    max_retries    = local.settings.max_retries
    s3_bucket_tags = local.tags

    # Terragrunt's own choice is KMS, by which no role of unit access may decrypt.
    bucket_sse_algorithm = "AES256"

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
