include "root" {
  path   = "../../../../../terragrunt.hcl"
  expose = true
}

terraform {
  source = "../../../stacks/honeycomb-key"

  # Deleting needs no look at the key.
  extra_arguments "no_refresh" {
    commands  = ["destroy"]
    arguments = ["-refresh=false"]
  }

  before_hook "no_key_in_state" {
    commands = ["plan", "apply", "refresh", "import"]
    execute  = ["sh", "./no_key_in_state.sh"]
  }
}

locals {
  root = include.root.locals
}

# The key itself is no input: it arrives as TF_VAR_honeycomb_api_key in Terraform's environment alone.
inputs = {
  parameter_path = local.root.parameter_path
  kms_key_id     = local.root.settings.honeycomb_kms_key_id
  key_version    = 1 # raised by `make rotate-honeycomb-key`
}
