# What stack network made, or found.
variable "vpc_id" {
  description = "The VPC."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id \"${var.vpc_id}\" must be a VPC's id, vpc- and 8 to 17 hex digits."
  }
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer, in two zones at least."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.public_subnet_ids) >= 2 && alltrue([for id in var.public_subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "public_subnet_ids is ${jsonencode(var.public_subnet_ids)}, expected two or more ids such as subnet-0123456789abcdef0: a load balancer needs two zones."
  }
}

variable "private_subnet_ids" {
  description = "Subnets of the tasks; they need a way to AWS and to Honeycomb."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.private_subnet_ids) >= 1 && alltrue([for id in var.private_subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "private_subnet_ids is ${jsonencode(var.private_subnet_ids)}, expected ids such as subnet-0123456789abcdef0."
  }
}

variable "ingress_cidrs" {
  description = "Who may reach the load balancer: IPv4 networks."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.ingress_cidrs) >= 1 && alltrue([for cidr in var.ingress_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)])
    error_message = "ingress_cidrs is ${jsonencode(var.ingress_cidrs)}, expected IPv4 networks such as 0.0.0.0/0 or 192.0.2.0/24, written by their first address."
  }
}

variable "public_paths" {
  description = "Paths that are let through to the backend, 1 to 5, with * for any run. /health/*, /rollbar/* and /demo/* never are."
  type        = list(string)
  default     = ["/api/*", "/health"]
  nullable    = false

  validation {
    condition     = length(var.public_paths) >= 1 && length(var.public_paths) <= 5 && alltrue([for path in var.public_paths : can(regex("^/[A-Za-z0-9_.$/~'@:+*?-]{0,127}$", path))])
    error_message = "public_paths is ${jsonencode(var.public_paths)}; ELB allows a rule 1 to 5 paths, each beginning with / and at most 128 letters, digits and _.$/~'@:+*?-."
  }
}
