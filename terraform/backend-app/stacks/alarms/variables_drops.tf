# Limits: CloudWatch Logs API reference, CreateLogGroup.
variable "log_group_name" {
  description = "Name of the log group that the backend's lines are in; it has to exist."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name \"${var.log_group_name}\" must have 1 to 512 letters, digits and _-/.# alone."
  }
}

variable "tracing_mode" {
  description = "How the backend sends: collector or direct. Each has its own sinks to lose spans at."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["collector", "direct"], var.tracing_mode)
    error_message = "tracing_mode is \"${var.tracing_mode}\", expected collector or direct."
  }
}
