include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/service"
}

# All else that these make is known by its name.
dependencies {
  paths = ["../access", "../logs", "../honeycomb-key", "../honeycomb", "../xray"]
}

dependency "network" {
  config_path  = "../network"
  skip_outputs = get_terraform_command() == "render" # which is for names and settings, and may not ask AWS

  mock_outputs_allowed_terraform_commands = ["plan", "validate", "destroy"] # destroy: where it went first
  mock_outputs = {
    vpc_id             = "vpc-00000000"
    public_subnet_ids  = ["subnet-00000001", "subnet-00000002"]
    private_subnet_ids = ["subnet-00000003", "subnet-00000004"]
  }
}

dependency "registry" {
  config_path  = "../registry"
  skip_outputs = get_terraform_command() == "render" # which is for names and settings, and may not ask AWS

  mock_outputs_allowed_terraform_commands = ["plan", "validate", "destroy"] # destroy: where it went first
  mock_outputs = {
    repository_url       = ""
    image_parameter_name = ""
  }
}

locals {
  root = include.root.locals

  # ECS injects the key when a task starts: a version that `make rotate-honeycomb-key` raised makes new tasks.
  key_version = tonumber(regex("key_version *= *([0-9]+)", file("../honeycomb-key/terragrunt.hcl"))[0])
}

inputs = {
  name                  = local.root.name
  cluster_name          = local.root.prefix
  account_id            = local.root.settings.account_id
  parameter_path        = local.root.parameter_path
  execution_role_name   = "${local.root.name}-execution" # as unit access names them
  task_role_name        = "${local.root.name}-task"
  log_group_name        = local.root.parameter_path # as unit logs names it
  vpc_id                = dependency.network.outputs.vpc_id
  public_subnet_ids     = dependency.network.outputs.public_subnet_ids
  private_subnet_ids    = dependency.network.outputs.private_subnet_ids
  repository_url        = dependency.registry.outputs.repository_url
  image_parameter_name  = dependency.registry.outputs.image_parameter_name
  collector_image       = local.root.settings.service_collector_image
  tracing_mode          = local.root.settings.tracing_mode
  service_name          = local.root.service_name == local.root.group_name ? "" : local.root.service_name
  honeycomb_endpoint    = local.root.settings.honeycomb_endpoint
  honeycomb_dataset     = coalesce(local.root.settings.honeycomb_dataset, local.root.service_name)
  honeycomb_key_version = local.key_version
  cpu                   = local.root.settings.service_cpu
  memory                = local.root.settings.service_memory
  workers               = local.root.settings.service_workers
  tasks_min             = local.root.settings.service_tasks_min
  tasks_max             = local.root.settings.service_tasks_max
  requests_target       = local.root.settings.service_requests_target
  backend_environment   = local.root.settings.service_environment
  ingress_cidrs         = local.root.settings.service_ingress_cidrs
  domain_name           = local.root.settings.service_domain_name
  hosted_zone_id        = local.root.settings.service_hosted_zone_id
  certificate_arn       = local.root.settings.service_certificate_arn
}
