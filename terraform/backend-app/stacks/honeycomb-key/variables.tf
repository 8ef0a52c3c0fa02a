variable "parameter_path" {
  description = "Path that the parameter stands below, for example /cruddur/dev/backend-flask."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,13}$", var.parameter_path)) && length(var.parameter_path) <= 900
    error_message = "parameter_path must start with / and have 1 to 13 parts of letters, digits and _.- (SSM allows 15 levels), at most 900 characters."
  }
  validation {
    condition     = !can(regex("^/(aws|ssm)", lower(var.parameter_path)))
    error_message = "parameter_path must not start with /aws or /ssm: SSM reserves them."
  }
}

variable "honeycomb_api_key" {
  description = "Honeycomb API key; needed only by an apply that writes. Give it as TF_VAR_honeycomb_api_key in the environment."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = try(length(var.honeycomb_api_key), 0) == 0 || can(regex("^[A-Za-z0-9_-]{20,128}$", var.honeycomb_api_key))
    error_message = "honeycomb_api_key is malformed: expected Honeycomb's ingest key (64 characters such as hcaik_...) or another of its keys, letters and digits only, no spaces or quotes."
  }
}

variable "key_version" {
  description = "Version of the key, a whole number from 1. The key is written only when this rises."
  type        = number
  nullable    = false

  validation {
    condition     = var.key_version >= 1 && var.key_version <= 1000000000 && floor(var.key_version) == var.key_version
    error_message = "key_version must be a whole number from 1 to 1000000000."
  }
}

variable "kms_key_id" {
  description = "ARN of the KMS key that encrypts the parameter; null for SSM's own (alias/aws/ssm)."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_id))
    error_message = "kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias or a bare ID."
  }
}

variable "tags" {
  description = "Further tags for the parameter, beside the provider's default tags. Changing them needs the key too."
  type        = map(string)
  default     = {}
  nullable    = false
}
