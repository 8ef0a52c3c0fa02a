# Limits: ECR API reference, CreateRepository; SSM as in the stacks that make parameters.
variable "name" {
  description = "Name of the repository, for example cruddur-dev-backend-flask: 2 to 256 lower-case letters, digits and ._-/"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+([._/-][a-z0-9]+|__[a-z0-9]+|-+[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 256
    error_message = "name \"${var.name}\" must have 2 to 256 lower-case letters and digits, with ._-/ only between them: ECR allows no others."
  }
}

variable "parameter_path" {
  description = "Path that the parameter deploy/image stands below, for example /cruddur/dev/backend-flask."
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

variable "kms_key_id" {
  description = "ARN of the KMS key that encrypts the images; null for ECR's own (AES-256). Another one makes a new repository."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_id))
    error_message = "kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias or a bare ID."
  }
}

variable "tags" {
  description = "Further tags for the repository and the parameter, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
