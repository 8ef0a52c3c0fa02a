output "cloudwatch_log_group_name" {
  description = "Name of the log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "cloudwatch_log_group_arn" {
  description = "ARN of the log group."
  value       = aws_cloudwatch_log_group.this.arn
}

output "ssm_parameter_name" {
  description = "Name of the parameter that holds the group's name."
  value       = aws_ssm_parameter.this.name
}

output "ssm_parameter_arn" {
  description = "ARN of the parameter that holds the group's name."
  value       = aws_ssm_parameter.this.arn
}
