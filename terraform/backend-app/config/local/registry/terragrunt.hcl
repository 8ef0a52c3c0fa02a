include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/registry"
}

locals {
  root = include.root.locals
}

inputs = {
  name           = local.root.name
  parameter_path = local.root.parameter_path
  images_kept    = local.root.settings.registry_images_kept
  force_delete   = local.root.settings.registry_force_delete
}
