resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }

  tags = var.tags
}

# What no rule lets through is refused here: a load balancer compares paths as they are written, so that a list of
# private ones would miss /%72ollbar/test, which is /rollbar/test to the backend.
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "application/json"
      message_body = local.not_found
    }
  }

  tags = var.tags

  # A certificate that isn't there is asked for until then, as a new one may be late.
  timeouts {
    create = "1m"
    update = "1m"
  }

  lifecycle {
    precondition {
      condition     = try(split(":", var.certificate_arn)[3] == local.region, true)
      error_message = "certificate_arn \"${var.certificate_arn}\" is of another region than the load balancer's, ${local.region}: request or import it there."
    }
  }
}
