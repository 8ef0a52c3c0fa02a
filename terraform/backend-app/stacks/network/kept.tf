# What a network stays, once it is there: Terraform would take gateways and routes away before AWS refuses to delete
# subnets in use. So what it began as is kept here, the range of a VPC that was made or the id of one that existed, and
# another one ends the plan.
resource "terraform_data" "vpc" {
  input      = var.existing == null ? var.cidr : var.existing.vpc_id
  depends_on = [aws_vpc.this]

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = var.existing == null && !startswith(self.output, "vpc-") || self.output == try(var.existing.vpc_id, "")
      error_message = "existing is ${try(var.existing.vpc_id, "null")}, and the network ${startswith(self.output, "vpc-") ? "is that of ${self.output}" : "was made, with ${self.output}"}: set that again, or destroy the environment first."
    }
    postcondition {
      condition     = var.existing != null || startswith(self.output, "vpc-") || self.output == var.cidr
      error_message = "cidr is ${var.cidr}, and the VPC was made with ${self.output}, which it keeps: set that again, or destroy the environment first."
    }
  }
}

moved {
  from = terraform_data.cidr[0]
  to   = terraform_data.vpc
}

# Zones can be added. How many there are AWS knows: fewer end the plan for the same reason,
# which is all that this is there for.
# tflint-ignore: terraform_unused_declarations
data "aws_subnets" "made" {
  count = var.existing == null ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [aws_vpc.this[0].id]
  }
  filter {
    name   = "tag:Name"
    values = ["${var.name}-private-*"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) <= var.zones
      error_message = "zones is ${var.zones}, and the VPC has subnets in ${length(self.ids)}, which are in use: set that again, or destroy the environment first."
    }
  }
}
