# Limits: IAM API reference, CreateRole; SSM and CloudWatch Logs as in the stacks that make those resources.
variable "name" {
  description = "What the roles' names begin with, for example cruddur-dev-backend-flask: 1 to 54 characters, as IAM allows 64."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,54}$", var.name))
    error_message = "name \"${var.name}\" must have 1 to 54 letters, digits and +=,.@_- alone: IAM allows a role 64 characters, and the longest ending is -execution."
  }
}

variable "account_id" {
  description = "The account that all this is in, by its twelve digits."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id \"${var.account_id}\" must be an AWS account's twelve digits."
  }
}

variable "parameter_path" {
  description = "Path of the backend's parameters, for example /cruddur/dev/backend-flask."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,13}$", var.parameter_path)) && length(var.parameter_path) <= 900
    error_message = "parameter_path must start with / and have 1 to 13 parts of letters, digits and _.- (SSM allows 15 levels), at most 900 characters."
  }
}

variable "honeycomb_kms_key_id" {
  description = "ARN of the KMS key that encrypts the Honeycomb key; null for SSM's own (alias/aws/ssm), whose policy asks nothing of a role."
  type        = string
  default     = null

  validation {
    condition     = var.honeycomb_kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.honeycomb_kms_key_id))
    error_message = "honeycomb_kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias or a bare ID: IAM knows keys by nothing else."
  }
}

variable "xray_group_name" {
  description = "Name of the backend's X-Ray group: 1 to 32 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^*?]{1,32}$", var.xray_group_name)) && var.xray_group_name != "Default"
    error_message = "xray_group_name \"${var.xray_group_name}\" must have 1 to 32 characters, no * or ?, which IAM would take for any text, and not be Default."
  }
}

variable "xray_sampling_rule_names" {
  description = "Names of the environment's sampling rules, whole. The plan role reads and the apply role changes no other rule."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for name in var.xray_sampling_rule_names : can(regex("^[^*?]{1,32}$", name)) && name != "Default"])
    error_message = "xray_sampling_rule_names: each must have 1 to 32 characters, no * or ?, which IAM would take for any text, and not be Default, which is the whole account's."
  }
}

variable "xray_encryption" {
  description = "Whether the xray unit sets X-Ray's encryption, which then is the apply role's to set."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_group_name" {
  description = "Name of the backend's log group: 1 to 512 letters, digits and _-/.#"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name \"${var.log_group_name}\" must have 1 to 512 letters, digits and _-/.# alone."
  }
}

variable "tags" {
  description = "Further tags for roles and provider, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
