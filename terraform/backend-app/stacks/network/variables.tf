# Limits: VPC user guide, "VPC CIDR blocks"; IAM API reference, CreateRole.
variable "name" {
  description = "Name of the VPC, and what the names of all else begin with, for example cruddur-dev: 1 to 54 characters, as IAM allows 64."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,54}$", var.name))
    error_message = "name \"${var.name}\" must have 1 to 54 letters, digits, _ and - alone: IAM allows a role 64 characters, and one ends in -flow-logs."
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

variable "zones" {
  description = "Number of availability zones, 2 or 3: the region's first in the order of their names. Each gets a public and a private subnet."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones is ${var.zones}, expected 2 or 3: a load balancer needs two."
  }
}

variable "tags" {
  description = "Further tags, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
