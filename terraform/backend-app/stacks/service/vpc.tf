# Load balancer, target group and security groups can't leave their VPC: Terraform would take away what serves before
# AWS refuses the rest. So the first VPC is kept here, and another one, or none that is applied, ends the plan.
resource "terraform_data" "vpc" {
  input      = var.vpc_id
  depends_on = [aws_lb_target_group.this]

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.output == var.vpc_id
      error_message = "vpc_id is ${var.vpc_id}, and the service was made in ${self.output}, which it can't leave: apply unit network where that is missing; for another VPC destroy unit service first."
    }
  }
}
