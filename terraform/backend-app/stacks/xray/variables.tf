# Limits: X-Ray API reference, CreateGroup, CreateSamplingRule, PutEncryptionConfig.
variable "group_name" {
  description = "Name of the X-Ray group: 1 to 32 characters, not Default."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.group_name) >= 1 && length(var.group_name) <= 32
    error_message = "group_name \"${var.group_name}\" has ${length(var.group_name)} characters; X-Ray allows 1 to 32."
  }
  validation {
    condition     = var.group_name != "Default"
    error_message = "group_name must not be Default: X-Ray reserves it for the group of all traces."
  }
}

variable "filter_expression" {
  description = "Filter expression of the group: which traces belong to it. Never empty, as an empty one would take every trace."
  type        = string
  nullable    = false

  validation {
    condition     = trimspace(var.filter_expression) != ""
    error_message = "filter_expression is empty: X-Ray would put every trace into the group."
  }
}

variable "insights_enabled" {
  description = "Whether X-Ray looks for anomalies (insights) in the group's traces."
  type        = bool
  default     = false
  nullable    = false
}

variable "insights_notifications_enabled" {
  description = "Whether insights are sent to EventBridge; needs insights_enabled."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.insights_enabled || !var.insights_notifications_enabled
    error_message = "insights_notifications_enabled needs insights_enabled = true: X-Ray has no notifications without insights."
  }
}

variable "encryption" {
  description = "How X-Ray encrypts traces: type NONE, or KMS with the key's ARN. It counts for the whole account and region, so it is off (null) by default."
  type = object({
    type   = string
    key_id = optional(string)
  })
  default = null

  validation {
    condition     = var.encryption == null ? true : contains(["NONE", "KMS"], var.encryption.type)
    error_message = "encryption.type must be NONE or KMS."
  }
  validation {
    condition     = var.encryption == null ? true : (var.encryption.type == "KMS") == (var.encryption.key_id != null)
    error_message = "encryption.key_id is required with type KMS, and not allowed with NONE."
  }
  validation {
    condition     = try(var.encryption.key_id, null) == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.encryption.key_id))
    error_message = "encryption.key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>)."
  }
}

variable "allow_rules_that_sdks_ignore" {
  description = "Allow sampling rules with attributes, a resource ARN or a version other than 1. X-Ray accepts them, but aws-xray-sdk for Python and others skip them without a word."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Further tags for the group and the rules, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "resource_tags" {
  description = "Further tags of single resources: of \"group\", and of \"rule/<name>\" for each sampling rule."
  type        = map(map(string))
  default     = {}
  nullable    = false
}
