locals {
  # SSM takes a KMS key by ARN or by ID. The provider sends it only when the text has changed, and a write without it
  # falls back to SSM's default key: the two forms take turns with each version.
  kms_key_id = (
    var.kms_key_id == null ? "alias/aws/ssm" :
    var.key_version % 2 == 1 ? var.kms_key_id : split(":key/", var.kms_key_id)[1]
  )

  # Another KMS key is a write too, and a write needs a new number: see README.md.
  write_version = var.kms_key_id == null ? var.key_version : parseint(substr(sha256("${var.key_version}/${var.kms_key_id}"), 0, 12), 16)
}

resource "aws_ssm_parameter" "this" {
  name      = "${var.parameter_path}/honeycomb/api-key"
  type      = "SecureString"
  tier      = "Standard"
  key_id    = local.kms_key_id
  overwrite = true # an apply that was interrupted after its write can be repeated

  # SSM gives the description back, so a plan sees when a write has failed: Terraform's own number is raised even then.
  description = "Honeycomb API key, version ${var.key_version}"

  # Evaluated only by an apply that writes; without a key it ends there, before the provider is asked.
  value_wo         = terraform.applying ? coalesce(var.honeycomb_api_key) : "unknown while planning" # this write needs the key: set HONEYCOMB_API_KEY
  value_wo_version = local.write_version

  tags = var.tags

  lifecycle {
    postcondition {
      condition     = try(length(self.value), 0) == 0
      error_message = "The state holds the key in plain text, because the parameter was imported or its first write was cut short. Take it out of the state (state rm aws_ssm_parameter.this), make a new key at Honeycomb, and apply with that: the old one stays in the state bucket's old versions."
    }
  }
}
