resource "aws_cloudwatch_log_metric_filter" "dropped" {
  name           = "dropped"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.dropped > 0 }"

  metric_transformation {
    name      = "DroppedSpans"
    namespace = "Cruddur"
    value     = "$.dropped"
    unit      = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "dropped" {
  alarm_name          = "dropped"
  namespace           = "Cruddur"
  metric_name         = "DroppedSpans"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]
}

resource "aws_cloudwatch_metric_alarm" "faults" {
  alarm_name          = "faults"
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]

  metric_query {
    id          = "percent"
    expression  = "100 * FILL(rate, 0)"
    label       = "faults"
    return_data = true
  }

  metric_query {
    id = "rate"

    metric {
      namespace   = "AWS/X-Ray"
      metric_name = "FaultRate"
      period      = 300
      stat        = "Average"
      dimensions  = { GroupName = "cruddur" }
    }
  }
}
