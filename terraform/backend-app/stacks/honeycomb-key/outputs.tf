output "ssm_parameter_name" {
  description = "Name of the parameter that holds the key."
  value       = aws_ssm_parameter.this.name
}

output "ssm_parameter_arn" {
  description = "ARN of the parameter that holds the key."
  value       = aws_ssm_parameter.this.arn
}
