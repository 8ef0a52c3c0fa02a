# Metrics of load balancer and target group: Elastic Load Balancing user guide, "CloudWatch metrics for your Application
# Load Balancer". A count of 5xx is reported only where it isn't 0; RequestCount knows only requests that got a target.
locals {
  alb    = var.alb_arn_suffix == null ? {} : { LoadBalancer = var.alb_arn_suffix }
  target = var.target_group_arn_suffix == null ? {} : merge(local.alb, { TargetGroup = var.target_group_arn_suffix })
  sums   = { target = "HTTPCode_Target_5XX_Count", own = "HTTPCode_ELB_5XX_Count", served = "RequestCount" }
}

resource "aws_cloudwatch_metric_alarm" "alb_5xx" {
  count = var.alb_arn_suffix == null ? 0 : 1

  alarm_name          = "${var.name}-alb-5xx"
  alarm_description   = "More than ${var.faults_percent} % of all requests were answered 5xx, by the backend or by the load balancer itself, over 5 minutes."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.faults_percent
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # nobody asked
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  metric_query {
    id          = "share"
    expression  = "100 * (FILL(target, 0) + FILL(own, 0)) / (FILL(served, 0) + FILL(own, 0))"
    label       = "% of requests"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = local.sums

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = local.alb
        period      = local.minutes_5
        stat        = "Sum"
      }
    }
  }

  tags = var.tags
}
