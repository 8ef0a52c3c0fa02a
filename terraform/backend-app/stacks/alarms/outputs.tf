locals {
  alarm_arns_by_name = {
    for alarm in concat(
      values(aws_cloudwatch_metric_alarm.xray),
      values(aws_cloudwatch_metric_alarm.drops),
      values(aws_cloudwatch_metric_alarm.target),
      aws_cloudwatch_metric_alarm.alb_5xx,
    ) : alarm.alarm_name => alarm.arn
  }
}

output "sns_topic_arn" {
  description = "ARN of the topic that alarms are sent to."
  value       = aws_sns_topic.this.arn
}

output "cloudwatch_alarm_arns" {
  description = "ARNs of the alarms by name."
  value       = local.alarm_arns_by_name
}

output "cloudwatch_dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "xray_group_names" {
  description = "Names of the X-Ray groups of traces with faults (5xx) and of slow ones (slow)."
  value       = { for key, group in aws_xray_group.this : key => group.group_name }
}
