data "aws_region" "current" {}

# Impaired zones count as well: a zone that fails for an hour must not move the subnets to another. Left out are the two
# in which Fargate runs no tasks: ECS developer guide, "Supported Regions for Amazon ECS on AWS Fargate".
data "aws_availability_zones" "this" {
  count = var.existing == null ? 1 : 0

  exclude_zone_ids = ["apne1-az3", "usw1-az2"]

  filter {
    name   = "zone-type"
    values = ["availability-zone"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "zones is ${var.zones}, and ${data.aws_region.current.name} has ${length(self.names)} for Fargate: ${join(", ", self.names)}."
    }
  }
}

# Private subnets have a quarter of the range each, public ones a sixteenth of the last quarter: a third zone moves none.
locals {
  zones   = var.existing == null ? slice(sort(data.aws_availability_zones.this[0].names), 0, var.zones) : []
  private = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 2, index) }
  public  = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 4, 12 + index) }
}
