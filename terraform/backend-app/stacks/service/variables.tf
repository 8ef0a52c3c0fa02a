# Names, and where the rest of the environment is. Limits: ELB, ECS and IAM API references.
variable "name" {
  description = "Name of service, task family, load balancer and target group, for example cruddur-dev-backend-flask: 1 to 32 characters, as ELB allows."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name \"${var.name}\" has ${length(var.name)} characters; a load balancer's has 1 to 32 letters, digits and hyphens, none at an end, and doesn't begin with internal-."
  }
}

variable "cluster_name" {
  description = "Name of the ECS cluster, for example cruddur-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "cluster_name \"${var.cluster_name}\" must have 1 to 255 letters, digits, _ and - alone."
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

variable "tags" {
  description = "Further tags for everything that has tags, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
