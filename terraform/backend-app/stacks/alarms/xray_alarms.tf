# No traces are no faults: that nobody asks, or that tracing fails, is for other alarms.
resource "aws_cloudwatch_metric_alarm" "xray" {
  for_each = local.xray_alarms

  alarm_name          = "${var.name}-${each.value.name}"
  alarm_description   = "More than ${each.value.percent} % of sampled ${each.value.told}, over 5 minutes with ${var.traces_min} traces or more."
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.percent
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  metric_query {
    id          = "share"
    expression  = "IF(traces >= ${var.traces_min}, 100 * FILL(found, 0) / traces, 0)"
    label       = "% of traces"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { traces = var.xray_group_name, found = aws_xray_group.this[each.key].group_name }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/X-Ray"
        metric_name = "ApproximateTraceCount"
        dimensions  = { GroupName = metric_query.value }
        period      = local.minutes_5
        stat        = "Sum"
      }
    }
  }

  tags = var.tags
}
