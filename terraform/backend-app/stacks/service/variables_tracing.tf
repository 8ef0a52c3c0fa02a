variable "tracing_mode" {
  description = "collector: the backend sends to the collector beside it. direct: the backend sends to Honeycomb itself, and the collector stands in for the X-Ray daemon."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["collector", "direct"], var.tracing_mode)
    error_message = "tracing_mode is \"${var.tracing_mode}\", expected collector or direct."
  }
}

variable "service_name" {
  description = "What OTEL_SERVICE_NAME says; empty: the X-Ray group's name, which the backend takes by itself."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.service_name) <= 64
    error_message = "service_name \"${var.service_name}\" has ${length(var.service_name)} characters; X-Ray allows 64."
  }
}

variable "honeycomb_endpoint" {
  description = "Where the collector sends to: https://api.honeycomb.io or https://api.eu1.honeycomb.io."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]{1,5})?$", var.honeycomb_endpoint))
    error_message = "honeycomb_endpoint \"${var.honeycomb_endpoint}\" must be https://<host>[:<port>], without a path or a slash at the end: the API key goes there. Only 127.0.0.1 and localhost may have http."
  }
}

variable "honeycomb_dataset" {
  description = "Honeycomb dataset, read by Classic environments only."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.honeycomb_dataset)) >= 1 && length(var.honeycomb_dataset) <= 255
    error_message = "honeycomb_dataset must have 1 to 255 characters."
  }
}

variable "honeycomb_key_version" {
  description = "Version of Honeycomb's key, as unit honeycomb-key has it: another one makes a new task definition."
  type        = number
  nullable    = false

  validation {
    condition     = var.honeycomb_key_version >= 1 && floor(var.honeycomb_key_version) == var.honeycomb_key_version
    error_message = "honeycomb_key_version must be a whole number from 1."
  }
}
