output "vpc_id" {
  description = "Id of the VPC."
  value       = var.existing == null ? aws_vpc.this[0].id : data.aws_vpc.existing[0].id
}

output "vpc_cidr" {
  description = "The VPC's range; of an existing one the first, where it has more."
  value       = var.existing == null ? aws_vpc.this[0].cidr_block : data.aws_vpc.existing[0].cidr_block
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, in the order of their zones where they are made."
  value       = var.existing == null ? values(aws_subnet.public)[*].id : sort(data.aws_subnets.existing["public"].ids)
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, in the same order."
  value       = var.existing == null ? values(aws_subnet.private)[*].id : sort(data.aws_subnets.existing["private"].ids)
}

output "zones" {
  description = "Names of the zones that the subnets are in."
  value       = var.existing == null ? local.zones : sort(distinct(values(data.aws_subnet.existing)[*].availability_zone))
}
