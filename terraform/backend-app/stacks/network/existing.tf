# By VPC and ids at once: what is missing from the answer does not exist, or belongs to another VPC.
data "aws_subnets" "existing" {
  for_each = var.existing == null ? {} : { public = var.existing.public_subnet_ids, private = var.existing.private_subnet_ids }

  filter {
    name   = "vpc-id"
    values = [var.existing.vpc_id]
  }
  filter {
    name   = "subnet-id"
    values = each.value
  }

  lifecycle {
    postcondition {
      condition     = length(setsubtract(each.value, self.ids)) == 0
      error_message = "existing.${each.key}_subnet_ids: ${join(", ", setsubtract(each.value, self.ids))} not found in ${var.existing.vpc_id}: expected that VPC's own subnets, of this account and region."
    }
  }
}

data "aws_subnet" "existing" {
  for_each = toset(flatten(values(data.aws_subnets.existing)[*].ids))

  id = each.key
}

# A load balancer's subnet is a /27 or larger: Elastic Load Balancing user guide, "Subnets for your load balancer".
data "aws_vpc" "existing" {
  count = var.existing == null ? 0 : 1

  id = var.existing.vpc_id

  lifecycle {
    precondition {
      condition     = alltrue([for found in data.aws_subnets.existing : length(distinct([for id in found.ids : data.aws_subnet.existing[id].availability_zone])) >= 2])
      error_message = "existing: the public subnets, and the private ones, must each lie in two zones or more, and these are in ${join(", ", [for id, subnet in data.aws_subnet.existing : "${subnet.availability_zone} (${id})"])}."
    }
    precondition {
      condition     = alltrue([for id in data.aws_subnets.existing["public"].ids : tonumber(split("/", data.aws_subnet.existing[id].cidr_block)[1]) <= 27])
      error_message = "existing.public_subnet_ids: a load balancer needs subnets of /27 or larger, and these have ${join(", ", [for id in data.aws_subnets.existing["public"].ids : data.aws_subnet.existing[id].cidr_block])}."
    }
  }
}
