resource "aws_cloudwatch_log_group" "this" {
  name              = var.group_name
  retention_in_days = var.retention_days
  kms_key_id        = var.kms_key_id

  tags = var.tags
}

# Nothing here is secret: insecure_value keeps the plan readable.
resource "aws_ssm_parameter" "this" {
  name           = "${var.parameter_path}/logs/group-name"
  description    = "CloudWatch log group of the backend's log lines"
  type           = "String"
  insecure_value = aws_cloudwatch_log_group.this.name

  tags = var.tags
}
