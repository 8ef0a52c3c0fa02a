variable "alb_arn_suffix" {
  description = "The load balancer as its metrics name it, app/<name>/<id>; null for none: then there are no alarms of it."
  type        = string
  default     = null

  validation {
    condition     = var.alb_arn_suffix == null || can(regex("^app/[A-Za-z0-9-]{1,32}/[0-9a-f]+$", var.alb_arn_suffix))
    error_message = "alb_arn_suffix must be an application load balancer's app/<name>/<id>, the end of its ARN."
  }
}

variable "target_group_arn_suffix" {
  description = "The target group as its metrics name it, targetgroup/<name>/<id>; null as long as nothing is deployed."
  type        = string
  default     = null

  validation {
    condition     = var.target_group_arn_suffix == null || can(regex("^targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]+$", var.target_group_arn_suffix))
    error_message = "target_group_arn_suffix must be targetgroup/<name>/<id>, the end of a target group's ARN."
  }
  validation {
    condition     = var.target_group_arn_suffix == null || var.alb_arn_suffix != null
    error_message = "target_group_arn_suffix needs alb_arn_suffix: its metrics are counted by both."
  }
}

variable "ecs" {
  description = "Names of the ECS cluster and service for the dashboard; null as long as nothing is deployed."
  type = object({
    cluster_name = string
    service_name = string
  })
  default = null
}

variable "honeycomb_url" {
  description = "Address of the environment at Honeycomb's UI for the dashboard; null for no link."
  type        = string
  default     = null

  validation {
    condition     = var.honeycomb_url == null || can(regex("^https://[A-Za-z0-9./_-]+$", var.honeycomb_url))
    error_message = "honeycomb_url must be an https address without query."
  }
}
