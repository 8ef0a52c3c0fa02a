# Limits: CloudWatch Logs API reference, CreateLogGroup, PutRetentionPolicy.
variable "flow_logs" {
  description = "Whether the VPC's accepted and rejected connections are logged, to a log group of their own."
  type        = bool
  default     = true
  nullable    = false
}

variable "flow_logs_group_name" {
  description = "Name of that log group: 1 to 512 letters, digits and _-/.#"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.flow_logs_group_name)) && !startswith(var.flow_logs_group_name, "aws/")
    error_message = "flow_logs_group_name \"${var.flow_logs_group_name}\" must have 1 to 512 letters, digits and _-/.# alone, and not start with aws/."
  }
}

variable "flow_logs_retention_days" {
  description = "Days after which flow logs are deleted: one of the numbers that CloudWatch Logs has."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_logs_retention_days)
    error_message = "flow_logs_retention_days is ${var.flow_logs_retention_days}; CloudWatch Logs allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653."
  }
}

variable "flow_logs_kms_key_id" {
  description = "ARN of the KMS key that encrypts the flow logs; null for CloudWatch's own. Its policy must let logs.<region>.amazonaws.com use it."
  type        = string
  default     = null

  validation {
    condition     = var.flow_logs_kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.flow_logs_kms_key_id))
    error_message = "flow_logs_kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias or a bare ID."
  }
}
