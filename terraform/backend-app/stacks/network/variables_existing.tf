variable "existing" {
  description = "A VPC that exists, used instead of one that is made: its id, and those of two or more public and private subnets in two zones or more. Then nothing is made; null to make one."
  type = object({
    vpc_id             = string
    public_subnet_ids  = set(string)
    private_subnet_ids = set(string)
  })
  default = null

  validation {
    condition     = var.existing == null ? true : can(regex("^vpc-[0-9a-f]{8,17}$", var.existing.vpc_id))
    error_message = "existing.vpc_id \"${try(var.existing.vpc_id, "")}\" must be a VPC's id, vpc- and 8 to 17 hexadecimal digits."
  }
  validation {
    condition = var.existing == null ? true : alltrue([
      for id in setunion(var.existing.public_subnet_ids, var.existing.private_subnet_ids) : can(regex("^subnet-[0-9a-f]{8,17}$", id))
    ])
    error_message = "existing: each subnet must be given by its id, subnet- and 8 to 17 hexadecimal digits, and these are ${join(", ", try(setunion(var.existing.public_subnet_ids, var.existing.private_subnet_ids), []))}."
  }
  validation {
    condition     = var.existing == null ? true : alltrue([for ids in [var.existing.public_subnet_ids, var.existing.private_subnet_ids] : length(ids) >= 2])
    error_message = "existing has ${try(length(var.existing.public_subnet_ids), 0)} public and ${try(length(var.existing.private_subnet_ids), 0)} private subnets, expected two or more of each, in two zones or more."
  }
  validation {
    condition     = var.existing == null ? true : length(setintersection(var.existing.public_subnet_ids, var.existing.private_subnet_ids)) == 0
    error_message = "existing: ${join(", ", try(setintersection(var.existing.public_subnet_ids, var.existing.private_subnet_ids), []))} can't be public and private: the load balancer goes into public subnets, tasks into private ones."
  }
}
