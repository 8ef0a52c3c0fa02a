variable "parameter_path" {
  description = "Path that the parameters stand below, for example /cruddur/dev/backend-flask."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(/[A-Za-z0-9_.-]+){1,13}$", var.parameter_path)) && length(var.parameter_path) <= 900
    error_message = "parameter_path must start with / and have 1 to 13 parts of letters, digits and _.- (SSM allows 15 levels), at most 900 characters."
  }
  validation {
    condition     = !can(regex("^/(aws|ssm)", lower(var.parameter_path)))
    error_message = "parameter_path must not start with /aws or /ssm: SSM reserves them."
  }
}

variable "endpoint" {
  description = "Base address of Honeycomb's API, without a path: https://api.honeycomb.io, https://api.eu1.honeycomb.io, or a local one on 127.0.0.1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", var.endpoint))
    error_message = "endpoint \"${var.endpoint}\" must be https://<host>[:<port>], without a path or a slash at the end."
  }
  validation {
    condition     = !can(regex("^http:", var.endpoint)) || can(regex("^http://(127\\.0\\.0\\.1|localhost)(:[0-9]+)?$", var.endpoint))
    error_message = "endpoint \"${var.endpoint}\" is plain http to another machine; the API key would be readable on the way. Only 127.0.0.1 and localhost may have http."
  }
}

variable "dataset" {
  description = "Honeycomb dataset of the traces: 1 to 255 characters. Honeycomb itself takes the service's name; only Classic environments read this one."
  type        = string
  nullable    = false

  validation {
    condition     = length(trimspace(var.dataset)) >= 1 && length(var.dataset) <= 255
    error_message = "dataset must have 1 to 255 characters."
  }
}

variable "xray_group_name" {
  description = "Name of the X-Ray group, 1 to 32 characters."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.xray_group_name) >= 1 && length(var.xray_group_name) <= 32
    error_message = "xray_group_name \"${var.xray_group_name}\" has ${length(var.xray_group_name)} characters; X-Ray allows 1 to 32."
  }
}

variable "xray_sampling_rule_name" {
  description = "Name of the service's X-Ray sampling rule, 1 to 32 characters."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.xray_sampling_rule_name) >= 1 && length(var.xray_sampling_rule_name) <= 32
    error_message = "xray_sampling_rule_name \"${var.xray_sampling_rule_name}\" has ${length(var.xray_sampling_rule_name)} characters; X-Ray allows 1 to 32."
  }
}

variable "tags" {
  description = "Further tags for the parameters, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "resource_tags" {
  description = "Further tags of single resources, by the parameter's name below the path."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "resource_descriptions" {
  description = "Descriptions that differ from this module's, by the parameter's name below the path."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "imported_parameters" {
  description = "Names, below the path, of parameters that were imported: the provider changes these by value alone."
  type        = list(string)
  default     = []
  nullable    = false
}
