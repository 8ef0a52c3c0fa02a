output "ssm_parameter_names" {
  description = "Full names of the parameters by their name below parameter_path."
  value       = { for name, parameter in aws_ssm_parameter.this : name => parameter.name }
}

output "ssm_parameter_arns" {
  description = "ARNs of the parameters by their name below parameter_path."
  value       = { for name, parameter in aws_ssm_parameter.this : name => parameter.arn }
}
