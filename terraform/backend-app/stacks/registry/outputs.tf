output "repository_url" {
  description = "Where images are pushed to and pulled from: <account id>.dkr.ecr.<region>.amazonaws.com/<name>."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the repository."
  value       = aws_ecr_repository.this.arn
}

output "image_parameter_name" {
  description = "Name of the parameter that holds the deployed image."
  value       = aws_ssm_parameter.image.name
}
