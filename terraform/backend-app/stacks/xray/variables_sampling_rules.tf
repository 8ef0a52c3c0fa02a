# Limits: X-Ray API reference, CreateSamplingRule.
variable "sampling_rules" {
  description = "Sampling rules by name (1 to 32 characters, at most 25). The rule with the lowest priority number that matches decides: reservoir_size requests a second are sampled first, then fixed_rate of the rest. Two rules of one priority are taken in the order of their names."
  type = map(object({
    priority       = number
    reservoir_size = number
    fixed_rate     = number
    service_name   = optional(string, "*")
    service_type   = optional(string, "*")
    host           = optional(string, "*")
    http_method    = optional(string, "*")
    url_path       = optional(string, "*")
    resource_arn   = optional(string, "*")
    version        = optional(number, 1)
    attributes     = optional(map(string), {})
  }))
  nullable = false

  validation {
    condition     = length(var.sampling_rules) <= 25
    error_message = "There are ${length(var.sampling_rules)} sampling rules; X-Ray allows 25 beside Default."
  }
  validation {
    condition     = alltrue([for name in keys(var.sampling_rules) : length(name) >= 1 && length(name) <= 32 && name != "Default"])
    error_message = "Names of sampling rules must have 1 to 32 characters and not be Default: ${join(", ", [for name in keys(var.sampling_rules) : "\"${name}\" (${length(name)})" if length(name) < 1 || length(name) > 32 || name == "Default"])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : rule.priority >= 1 && rule.priority <= 9999 && floor(rule.priority) == rule.priority])
    error_message = "priority must be a whole number from 1 to 9999: ${join(", ", [for name, rule in var.sampling_rules : "${name} has ${rule.priority}" if rule.priority < 1 || rule.priority > 9999 || floor(rule.priority) != rule.priority])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : rule.fixed_rate >= 0 && rule.fixed_rate <= 1])
    error_message = "fixed_rate must be from 0 to 1: ${join(", ", [for name, rule in var.sampling_rules : "${name} has ${rule.fixed_rate}" if rule.fixed_rate < 0 || rule.fixed_rate > 1])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : rule.reservoir_size >= 0 && floor(rule.reservoir_size) == rule.reservoir_size])
    error_message = "reservoir_size must be a whole number, 0 or more: ${join(", ", [for name, rule in var.sampling_rules : "${name} has ${rule.reservoir_size}" if rule.reservoir_size < 0 || floor(rule.reservoir_size) != rule.reservoir_size])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : length(rule.service_name) <= 64 && length(rule.service_type) <= 64 && length(rule.host) <= 64])
    error_message = "service_name, service_type and host may have at most 64 characters each: see ${join(", ", [for name, rule in var.sampling_rules : name if length(rule.service_name) > 64 || length(rule.service_type) > 64 || length(rule.host) > 64])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : length(rule.http_method) <= 10])
    error_message = "http_method may have at most 10 characters: see ${join(", ", [for name, rule in var.sampling_rules : name if length(rule.http_method) > 10])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : length(rule.url_path) <= 128])
    error_message = "url_path may have at most 128 characters: see ${join(", ", [for name, rule in var.sampling_rules : name if length(rule.url_path) > 128])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : length(rule.resource_arn) <= 500])
    error_message = "resource_arn may have at most 500 characters: see ${join(", ", [for name, rule in var.sampling_rules : name if length(rule.resource_arn) > 500])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : rule.version >= 1 && floor(rule.version) == rule.version])
    error_message = "version must be a whole number, 1 or more: see ${join(", ", [for name, rule in var.sampling_rules : name if rule.version < 1 || floor(rule.version) != rule.version])}."
  }
  validation {
    condition     = alltrue([for rule in values(var.sampling_rules) : length(rule.attributes) <= 5 && alltrue([for text in concat(keys(rule.attributes), values(rule.attributes)) : length(text) >= 1 && length(text) <= 32])])
    error_message = "attributes may be at most 5, each key and value of 1 to 32 characters: see ${join(", ", [for name, rule in var.sampling_rules : name if length(rule.attributes) > 5 || !alltrue([for text in concat(keys(rule.attributes), values(rule.attributes)) : length(text) >= 1 && length(text) <= 32])])}."
  }
  validation {
    condition     = var.allow_rules_that_sdks_ignore || alltrue([for rule in values(var.sampling_rules) : rule.version == 1 && rule.resource_arn == "*" && length(rule.attributes) == 0])
    error_message = "SDKs skip rules with attributes, a resource_arn other than * or a version other than 1, without a word: see ${join(", ", [for name, rule in var.sampling_rules : name if rule.version != 1 || rule.resource_arn != "*" || length(rule.attributes) > 0])}. Set allow_rules_that_sdks_ignore = true to have them all the same."
  }
}
