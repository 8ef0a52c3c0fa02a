resource "aws_xray_group" "this" {
  group_name        = var.group_name
  filter_expression = var.filter_expression

  # Always explicit: left out, X-Ray's own default would count.
  insights_configuration {
    insights_enabled      = var.insights_enabled
    notifications_enabled = var.insights_notifications_enabled
  }

  tags = merge(var.tags, lookup(var.resource_tags, "group", {}))
}

resource "aws_xray_sampling_rule" "this" {
  for_each = var.sampling_rules

  rule_name      = each.key
  priority       = each.value.priority
  reservoir_size = each.value.reservoir_size
  fixed_rate     = each.value.fixed_rate
  service_name   = each.value.service_name
  service_type   = each.value.service_type
  host           = each.value.host
  http_method    = each.value.http_method
  url_path       = each.value.url_path
  resource_arn   = each.value.resource_arn
  version        = each.value.version
  attributes     = each.value.attributes

  tags = merge(var.tags, lookup(var.resource_tags, "rule/${each.key}", {}))
}

# One setting for the whole account and region; destroying it leaves the setting as it is.
resource "aws_xray_encryption_config" "this" {
  count = var.encryption == null ? 0 : 1

  type   = var.encryption.type
  key_id = var.encryption.key_id
}
