# Each stack, by every rule of the Terraform ruleset, which is part of tflint. The AWS ruleset is a plugin that
# would have to be fetched at each machine: what it knows is left to validation, checkov and the local cloud.
tflint {
  required_version = "0.64.0"
}

config {
  call_module_type = "none"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}

# Files split by role (README of the stacks): what a main.tf would hold is where its role is.
rule "terraform_standard_module_structure" {
  enabled = false
}
