resource "aws_cloudwatch_log_group" "this" {
  name              = var.group_name
  retention_in_days = var.retention_days
  kms_key_id        = var.kms_key_id

  tags = merge(var.tags, lookup(var.resource_tags, "group", {}))
}

# Nothing here is secret: insecure_value keeps the plan readable. An imported parameter has its value in `value`,
# and the provider (5.100.0) would never change it by insecure_value.
resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:the name of a log group is no secret; a plan shows it
  name           = "${var.parameter_path}/logs/group-name"
  description    = lookup(var.resource_descriptions, "logs/group-name", "CloudWatch log group of the backend's log lines")
  type           = "String"
  insecure_value = contains(var.imported_parameters, "logs/group-name") ? null : aws_cloudwatch_log_group.this.name
  value          = contains(var.imported_parameters, "logs/group-name") ? aws_cloudwatch_log_group.this.name : null

  tags = merge(var.tags, lookup(var.resource_tags, "logs/group-name", {}))
}
