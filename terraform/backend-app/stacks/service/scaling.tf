resource "aws_appautoscaling_target" "this" {
  count = local.is_deployed ? 1 : 0

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this[0].name}"
  min_capacity       = var.tasks_min
  max_capacity       = var.tasks_max

  tags = var.tags
}

locals {
  scaling = {
    requests = {
      metric = "ALBRequestCountPerTarget"
      label  = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.this.arn_suffix}"
      value  = var.requests_target
    }
    cpu = {
      metric = "ECSServiceAverageCPUUtilization"
      label  = null
      value  = 60
    }
  }
}

# Out at once, in slowly: the one that asks for more tasks counts.
resource "aws_appautoscaling_policy" "this" {
  for_each = { for name, policy in local.scaling : name => policy if local.is_deployed }

  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.value
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
      resource_label         = each.value.label
    }
  }
}
