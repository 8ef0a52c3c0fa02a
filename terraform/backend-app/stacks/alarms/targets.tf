locals {
  target_alarms = var.target_group_arn_suffix == null ? {} : {
    latency = {
      told = "Requests, sampled or not, took longer than ${var.latency_seconds} s on average over 5 minutes."
      name = "TargetResponseTime", stat = "Average", period = local.minutes_5, periods = 1
      test = "GreaterThanThreshold", limit = var.latency_seconds, missing = "notBreaching" # nobody asked
    }
    unhealthy = {
      told = "A task has failed the load balancer's health check for 5 minutes."
      name = "UnHealthyHostCount", stat = "Minimum", period = 60, periods = 5
      test = "GreaterThanThreshold", limit = 0, missing = "notBreaching" # no-task is there for it
    }
    no-task = {
      told = "No task has been healthy for 3 minutes: nobody is served."
      name = "HealthyHostCount", stat = "Maximum", period = 60, periods = 3
      test = "LessThanThreshold", limit = 1, missing = "breaching" # without targets nothing is reported
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "target" {
  for_each = local.target_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.told
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.name
  dimensions          = local.target
  statistic           = each.value.stat
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.test
  threshold           = each.value.limit
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.this.arn]
  ok_actions          = [aws_sns_topic.this.arn]

  tags = var.tags
}
