# Limits: CloudWatch Logs API reference, CreateLogGroup, PutRetentionPolicy.
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

variable "group_name" {
  description = "Name of the log group: 1 to 512 letters, digits and _-/.#"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.group_name))
    error_message = "group_name \"${var.group_name}\" must have 1 to 512 letters, digits and _-/.# alone."
  }
  validation {
    condition     = !startswith(var.group_name, "aws/")
    error_message = "group_name must not start with aws/: CloudWatch Logs reserves it."
  }
}

variable "retention_days" {
  description = "Days after which log lines are deleted: one of the numbers that CloudWatch Logs has."
  type        = number
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days is ${var.retention_days}; CloudWatch Logs allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653."
  }
}

variable "kms_key_id" {
  description = "ARN of the KMS key that encrypts the log lines; null for CloudWatch's own. Its policy must let logs.<region>.amazonaws.com use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_id))
    error_message = "kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias or a bare ID."
  }
}

variable "tags" {
  description = "Further tags for the group and the parameter, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "resource_tags" {
  description = "Further tags of single resources: of \"group\", and of the parameter by its name below the path."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "resource_descriptions" {
  description = "Descriptions that differ from this module's, by the parameter's name below the path."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "imported_parameters" {
  description = "Names, below the path, of parameters that were imported: the provider changes these by value alone."
  type        = list(string)
  default     = []
  nullable    = false
}
