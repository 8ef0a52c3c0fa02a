# Body: CloudWatch API reference, "Dashboard body structure and syntax". Each widget is a quarter of a row of 24.
locals {
  console = { aws = "console.aws.amazon.com", aws-cn = "console.amazonaws.cn", aws-us-gov = "console.amazonaws-us-gov.com" }
  home    = "https://${local.region}.${local.console[data.aws_partition.current.partition]}/cloudwatch/home?region=${local.region}"
  links = concat(
    ["[traces](${local.home}#xray:traces)", "[service map](${local.home}#xray:service-map)", "[log group ${var.log_group_name}](${local.home}#logsV2:log-groups/log-group/${replace(urlencode(var.log_group_name), "%", "$25")})"],
    var.honeycomb_url == null ? [] : ["[Honeycomb](${var.honeycomb_url})"],
  )

  graphs = merge({
    "traces, and those with faults or slow" = [
      for group in concat([var.xray_group_name], [for key in keys(local.xray_groups) : aws_xray_group.this[key].group_name]) :
      ["AWS/X-Ray", "ApproximateTraceCount", "GroupName", group, { stat = "Sum" }]
    ]
    "spans dropped and lost" = [
      for key in keys(local.drops) : [var.name, aws_cloudwatch_log_metric_filter.this[key].metric_transformation[0].name, { stat = "Sum" }]
    ]
    }, var.alb_arn_suffix == null ? {} : {
    "requests, and those answered 5xx" = [
      for name in values(local.sums) : ["AWS/ApplicationELB", name, "LoadBalancer", var.alb_arn_suffix, { stat = "Sum" }]
    ]
    }, var.target_group_arn_suffix == null ? {} : {
    "seconds until the backend answers" = [
      for stat in ["Average", "p50", "p99"] : ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.alb_arn_suffix, "TargetGroup", var.target_group_arn_suffix, { stat = stat, label = stat }]
    ]
    "tasks that are healthy, and that are not" = [
      for name in ["HealthyHostCount", "UnHealthyHostCount"] : ["AWS/ApplicationELB", name, "LoadBalancer", var.alb_arn_suffix, "TargetGroup", var.target_group_arn_suffix, { stat = "Maximum" }]
    ]
    }, var.ecs == null ? {} : {
    "CPU and memory, % of a task's" = [
      for name in ["CPUUtilization", "MemoryUtilization"] : ["AWS/ECS", name, "ClusterName", var.ecs.cluster_name, "ServiceName", var.ecs.service_name, { stat = "Average" }]
    ]
  })
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat([
      { type = "text", x = 0, y = 0, width = 24, height = 2, properties = { markdown = "# ${var.name}\n${join(" · ", local.links)}" } },
      { type = "alarm", x = 0, y = 2, width = 24, height = 3, properties = { title = "alarms", alarms = values(local.alarm_arns_by_name) } },
      ], [
      for index, title in sort(keys(local.graphs)) : {
        type       = "metric", x = 8 * (index % 3), y = 5 + 6 * floor(index / 3), width = 8, height = 6
        properties = { title = title, region = local.region, view = "timeSeries", period = 60, metrics = local.graphs[title] }
      }
    ])
  })
}
