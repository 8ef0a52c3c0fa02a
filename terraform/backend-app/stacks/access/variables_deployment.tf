# Names of what the deployment's units make, as they make them.
variable "injected_parameters" {
  description = "Parameters, by name below parameter_path, that ECS injects into a container: honeycomb/api-key where a collector sends, else none."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.injected_parameters : can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", name))])
    error_message = "injected_parameters: each must be a parameter's name below parameter_path, letters, digits and _.- in parts divided by /, no * or ?, which IAM would take for any text."
  }
}

variable "collector_image" {
  description = "The collector's image: where it is in the account's ECR, the execution role may pull it. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._:/@-]*$", var.collector_image))
    error_message = "collector_image \"${var.collector_image}\" must be an image's name, letters, digits and ._-:/@ alone, no * or ?, which IAM would take for any text."
  }
}

variable "cluster_name" {
  description = "Name of the ECS cluster: 1 to 255 letters, digits, - and _."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "cluster_name \"${var.cluster_name}\" must have 1 to 255 letters, digits, - and _ alone."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone in which the service's unit makes records; empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.hosted_zone_id == "" || can(regex("^Z[A-Z0-9]{1,31}$", var.hosted_zone_id))
    error_message = "hosted_zone_id \"${var.hosted_zone_id}\" must be a zone's id as Route 53 gives it (Z...), without /hostedzone/."
  }
}

variable "owner_tags" {
  description = "Tags that everything of this service and environment has: security groups and certificates are known by them."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.owner_tags) > 0 && alltrue([for key, value in var.owner_tags : can(regex("^[A-Za-z0-9_.:/=+@-]{1,128}$", key)) && can(regex("^[A-Za-z0-9_.:/=+@-]{1,256}$", value))])
    error_message = "owner_tags must be one tag at least, of letters, digits and _.:/=+@- without * or ?: without any, a role could change what is others'."
  }
}

variable "flow_logs_group_name" {
  description = "Name of the log group of the VPC's flow logs, which the plan role looks at."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.flow_logs_group_name))
    error_message = "flow_logs_group_name \"${var.flow_logs_group_name}\" must have 1 to 512 letters, digits and _-/.# alone."
  }
}
