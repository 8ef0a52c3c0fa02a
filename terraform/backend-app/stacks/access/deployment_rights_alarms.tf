locals {
  alarms_rights = {
    Alarms = {
      of   = [local.alarms_arn, local.dashboard_arn]
      read = ["cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
      write = [
        "cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard", "cloudwatch:TagResource", "cloudwatch:UntagResource",
      ]
    }
    # Of every alarm: Application Auto Scaling tries these with the caller's rights before it takes a scaling policy, without
    # any alarm's name (its user guide, "Permissions validation for Application Auto Scaling API calls on target resources").
    EveryAlarm = {
      of    = ["arn:${local.partition}:cloudwatch:${local.here}:alarm:*"]
      read  = []
      write = ["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"]
    }
    Topic = {
      of   = [local.topic_arn]
      read = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
      write = [
        "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
      ]
    }
    MetricFilters = {
      of    = ["${local.log_group_arn}:*"]
      read  = ["logs:DescribeMetricFilters"]
      write = ["logs:DeleteMetricFilter", "logs:PutMetricFilter"]
    }
    AlarmsGroups = {
      of    = local.alarms_xray_group_arns
      read  = ["xray:GetGroup", "xray:ListTagsForResource"]
      write = ["xray:CreateGroup", "xray:DeleteGroup", "xray:TagResource", "xray:UntagResource", "xray:UpdateGroup"]
    }
  }
}
