# A message is told once: where an earlier condition is not met, the later ones pass.
variable "cidr" {
  description = "The VPC's range, /16 to /22, of the private ones (10/8, 172.16/12, 192.168/16, 100.64/10). Once made, it stays."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9.]+/[0-9]+$", var.cidr)) && can(cidrnetmask(var.cidr))
    error_message = "cidr \"${var.cidr}\" is no IPv4 range, expected one like 10.20.0.0/16."
  }
  validation {
    condition     = !can(cidrnetmask(var.cidr)) || try(tonumber(split("/", var.cidr)[1]) <= 22, true)
    error_message = "cidr ${var.cidr} is too small, expected /16 to /22: three zones' public and private subnets are cut from it, and each task has an address of its own."
  }
  validation {
    condition     = !can(cidrnetmask(var.cidr)) || try(tonumber(split("/", var.cidr)[1]) >= 16, true)
    error_message = "cidr ${var.cidr} is too large, expected /16 to /22: a VPC takes no more than a /16."
  }
  validation {
    condition     = try(cidrsubnet(var.cidr, 0, 0) == var.cidr, true)
    error_message = "cidr ${var.cidr} is not the first address of its range: write ${try(cidrsubnet(var.cidr, 0, 0), "it so")}."
  }
  validation {
    condition = try(tonumber(split("/", var.cidr)[1]) < 16, false) || !can(cidrnetmask(var.cidr)) || anytrue([
      for private in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] :
      try(cidrsubnet("${split("/", var.cidr)[0]}/${split("/", private)[1]}", 0, 0) == private, false)
    ])
    error_message = "cidr ${var.cidr} belongs to the internet, expected a part of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
  validation {
    # Two ranges have addresses in common where they are the same as far as the shorter mask goes.
    condition = alltrue([
      for other in var.reserved_cidrs : try(
        cidrsubnet("${split("/", var.cidr)[0]}/${min(split("/", var.cidr)[1], split("/", other)[1])}", 0, 0) !=
        cidrsubnet("${split("/", other)[0]}/${min(split("/", var.cidr)[1], split("/", other)[1])}", 0, 0),
      true)
    ])
    error_message = "cidr ${var.cidr} overlaps one of reserved_cidrs (${join(", ", var.reserved_cidrs)}), expected a range apart from them."
  }
}

variable "reserved_cidrs" {
  description = "Ranges that the VPC's must not overlap: of networks that it is, or will be, joined with."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for other in var.reserved_cidrs : can(regex("^[0-9.]+/[0-9]+$", other)) && can(cidrnetmask(other))])
    error_message = "reserved_cidrs: each must be an IPv4 range like 10.30.0.0/16, and these are ${join(", ", var.reserved_cidrs)}."
  }
}
