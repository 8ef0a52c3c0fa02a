# Behind it each task is asked at /health; what else may be asked from outside is in listeners.tf.
resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:requests are traced; an access log would be a second record of them, with its own bucket
  #checkov:skip=CKV_AWS_150:make destroy has to leave nothing
  #checkov:skip=CKV2_AWS_28:a web ACL is the account's own to attach by the load balancer's ARN
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.public_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  idle_timeout               = local.idle_timeout_seconds

  tags = var.tags
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; from there to a task it is the VPC's own network
  name                          = var.name
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = local.port
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 30 # seconds; below stopTimeout, so that a stop ends in a time that is known

  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = var.tags
}
