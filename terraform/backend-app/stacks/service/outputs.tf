output "url" {
  description = "Address of the API."
  value       = "https://${var.domain_name != "" ? var.domain_name : aws_lb.this.dns_name}"
}

output "alb_dns_name" {
  description = "The load balancer's own name, which domain_name has to lead to."
  value       = aws_lb.this.dns_name
}

output "alb_arn_suffix" {
  description = "What CloudWatch's metrics know the load balancer by."
  value       = aws_lb.this.arn_suffix
}

output "target_group_arn_suffix" {
  description = "What CloudWatch's metrics know the target group by."
  value       = aws_lb_target_group.this.arn_suffix
}

output "target_group_arn" {
  description = "ARN of the target group, whose health `make deploy` tells."
  value       = aws_lb_target_group.this.arn
}

output "cluster_name" {
  description = "Name of the ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the ECS service; null as long as nothing has been deployed."
  value       = one(aws_ecs_service.this[*].name)
}

output "task_definition_arn" {
  description = "ARN of the task definition's revision; null as long as nothing has been deployed."
  value       = one(aws_ecs_task_definition.this[*].arn)
}

output "image" {
  description = "The image that the task definition has; null as long as nothing has been deployed."
  value       = local.is_deployed ? local.image : null
}

output "certificate_validation_records" {
  description = "DNS records that the requested certificate waits for: name, type and value."
  value = [for option in local.validation_options : {
    name  = option.resource_record_name
    type  = option.resource_record_type
    value = option.resource_record_value
  }]
}
