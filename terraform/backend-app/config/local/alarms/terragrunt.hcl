include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/alarms"
}

dependencies {
  paths = ["../xray", "../logs"]
}

dependency "service" {
  config_path  = "../service"
  skip_outputs = get_terraform_command() == "render" # which is for names and settings, and may not ask AWS

  mock_outputs = {
    alb_arn_suffix          = "app/not-applied-yet/0"
    target_group_arn_suffix = "targetgroup/not-applied-yet/0"
    cluster_name            = "not-applied-yet"
    service_name            = "not-applied-yet"
  }
  mock_outputs_allowed_terraform_commands = ["plan", "validate", "destroy"] # destroy: where it went first
}

locals {
  root      = include.root.locals
  honeycomb = "${replace(local.root.settings.honeycomb_endpoint, "://api.", "://ui.")}/${local.root.settings.honeycomb_team}/environments/${local.root.settings.honeycomb_environment}"
}

inputs = {
  name              = local.root.name
  xray_group_name   = local.root.group_name
  filter_expression = local.root.settings.filter_expression == null ? "service(\"${local.root.service_name}\")" : local.root.settings.filter_expression
  service_name      = local.root.service_name
  log_group_name    = local.root.parameter_path # as unit logs names it
  tracing_mode      = local.root.settings.tracing_mode
  emails            = local.root.settings.alarm_emails
  kms_key_id        = local.root.settings.alarm_kms_key_id
  faults_percent    = local.root.settings.alarm_faults_percent
  latency_seconds   = local.root.settings.alarm_latency_seconds
  honeycomb_url     = startswith(local.root.settings.honeycomb_endpoint, "https://api.") && local.root.settings.honeycomb_team != "" && local.root.settings.honeycomb_environment != "" ? local.honeycomb : null

  alb_arn_suffix          = dependency.service.outputs.alb_arn_suffix
  target_group_arn_suffix = try(dependency.service.outputs.service_name, null) == null ? null : dependency.service.outputs.target_group_arn_suffix
  ecs = try(dependency.service.outputs.service_name, null) == null ? null : {
    cluster_name = dependency.service.outputs.cluster_name
    service_name = dependency.service.outputs.service_name
  }
}
