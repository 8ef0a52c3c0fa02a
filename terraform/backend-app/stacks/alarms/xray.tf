# X-Ray gives CloudWatch one figure of a group, the number of its traces: AWS/X-Ray, ApproximateTraceCount, GroupName
# (X-Ray developer guide, "Configuring groups", CloudWatch metrics). Faults and slow requests are groups of their own.
locals {
  # 32 characters are a group's most. A name that is too long is cut and marked by its hash.
  base  = length(var.name) <= 27 ? var.name : "${substr(var.name, 0, 20)}-${substr(sha1(var.name), 0, 6)}"
  scope = "(${var.filter_expression}) AND service(\"${var.service_name}\")"

  xray_groups = {
    "5xx"  = "${local.scope} {fault}"
    "slow" = "${local.scope} {responsetime > ${var.latency_seconds}}"
  }
  xray_alarms = {
    "5xx" = {
      name    = "xray-faults"
      percent = var.faults_percent
      told    = "traces in which ${var.service_name} answered 5xx or failed"
    }
    "slow" = {
      name    = "xray-slow"
      percent = var.slow_percent
      told    = "traces in which ${var.service_name} took longer than ${var.latency_seconds} s"
    }
  }
}

resource "aws_xray_group" "this" {
  for_each = local.xray_groups

  group_name        = "${local.base}-${each.key}"
  filter_expression = each.value

  insights_configuration {
    insights_enabled      = false
    notifications_enabled = false
  }

  tags = var.tags
}
