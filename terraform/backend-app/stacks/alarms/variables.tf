# Limits: CloudWatch API reference, PutMetricAlarm, PutDashboard; SNS, CreateTopic; X-Ray, CreateGroup.
variable "name" {
  description = "What alarms, topic, dashboard and groups are called after, for example cruddur-dev-backend-flask; the metrics' namespace too."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$", var.name))
    error_message = "name \"${var.name}\" must have 1 to 200 letters, digits, _ and - alone, and begin with a letter or digit."
  }
}

variable "xray_group_name" {
  description = "Name of the X-Ray group whose traces are counted: 1 to 32 characters."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.xray_group_name) >= 1 && length(var.xray_group_name) <= 32
    error_message = "xray_group_name \"${var.xray_group_name}\" has ${length(var.xray_group_name)} characters; X-Ray allows 1 to 32."
  }
}

variable "filter_expression" {
  description = "Filter expression of that group: traces with faults and slow ones are looked for among its own."
  type        = string
  nullable    = false

  validation {
    condition     = trimspace(var.filter_expression) != ""
    error_message = "filter_expression is empty: every trace of the account would count."
  }
}

variable "service_name" {
  description = "The service's name in its segments: 1 to 64 letters, digits, spaces and _.:/%&#=+-@"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\pL\\pN _.:/%&#=+@-]+$", var.service_name)) && length(var.service_name) <= 64
    error_message = "service_name \"${var.service_name}\" must have 1 to 64 letters, digits, spaces and _.:/%&#=+-@ alone."
  }
}
