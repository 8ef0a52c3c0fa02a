output "xray_group_name" {
  description = "Name of the X-Ray group."
  value       = aws_xray_group.this.group_name
}

output "xray_group_arn" {
  description = "ARN of the X-Ray group."
  value       = aws_xray_group.this.arn
}

output "xray_sampling_rule_arns" {
  description = "ARNs of the sampling rules by rule name."
  value       = { for name, rule in aws_xray_sampling_rule.this : name => rule.arn }
}
