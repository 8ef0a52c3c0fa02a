locals {
  drop_alarms = {
    spans-lost = "Spans were dropped, or lost with a killed worker: the backend's log says how many, and why."
    sink-down  = "Spans can't be sent, or not as fast as they come: the log says to whom, and why. What can't wait is dropped."
  }
}

# Lines come of losses alone: that there are none is right. The way back is no message: a line isn't taken back.
resource "aws_cloudwatch_metric_alarm" "drops" {
  for_each = local.drop_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]

  metric_query {
    id          = "total"
    expression  = join(" + ", [for key, drop in local.drops : "FILL(${replace(key, "-", "_")}, 0)" if drop.alarm == each.key])
    label       = each.key
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { for key, drop in local.drops : key => drop if drop.alarm == each.key }

    content {
      id = replace(metric_query.key, "-", "_")

      metric {
        namespace   = var.name
        metric_name = aws_cloudwatch_log_metric_filter.this[metric_query.key].metric_transformation[0].name
        period      = local.minutes_5
        stat        = "Sum"
      }
    }
  }

  tags = var.tags
}
