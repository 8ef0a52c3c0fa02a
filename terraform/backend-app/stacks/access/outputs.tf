output "task_role_name" {
  description = "Name of the backend's role."
  value       = aws_iam_role.task.name
}

output "task_role_arn" {
  description = "ARN of the backend's role."
  value       = aws_iam_role.task.arn
}

output "execution_role_name" {
  description = "Name of the role by which ECS starts the backend's tasks."
  value       = aws_iam_role.execution.name
}

output "execution_role_arn" {
  description = "ARN of the role by which ECS starts the backend's tasks."
  value       = aws_iam_role.execution.arn
}

output "github_role_arns" {
  description = "ARNs of the plan, apply, deploy and verify roles by those words; empty without a repository."
  value       = { for key, role in aws_iam_role.github : key => role.arn }
}

output "github_oidc_provider_arn" {
  description = "ARN of the provider for GitHub's tokens, made or given; null without a repository."
  value       = var.github == null ? null : local.provider_arn
}
