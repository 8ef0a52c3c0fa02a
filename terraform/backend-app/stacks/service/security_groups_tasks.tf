resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "tasks" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Requests from the load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}

# ECR, SSM, X-Ray, CloudWatch and Honeycomb; the port of another Honeycomb address, such as Refinery's, as well.
resource "aws_vpc_security_group_egress_rule" "tasks" {
  for_each = toset(compact(["443", try(regex("^https://[^/]+:([0-9]+)$", var.honeycomb_endpoint)[0], "")]))

  security_group_id = aws_security_group.tasks.id
  description       = "AWS and Honeycomb"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)

  tags = var.tags
}
