variable "emails" {
  description = "Addresses that get the alarms by mail; each has to confirm."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "emails must be addresses: ${join(", ", [for email in var.emails : "\"${email}\"" if !can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])}."
  }
}

variable "kms_key_id" {
  description = "ARN of the KMS key that encrypts the topic; null for none. Its policy must let cloudwatch.amazonaws.com use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_id == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_id))
    error_message = "kms_key_id must be a key's ARN (arn:aws:kms:<region>:<account id>:key/<id>), not an alias: CloudWatch may not use AWS's own key of SNS."
  }
}

variable "tags" {
  description = "Further tags, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
