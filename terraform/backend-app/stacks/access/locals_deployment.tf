# What the deployment's units make, by its ARN.
locals {
  ecs  = "arn:${local.partition}:ecs:${local.here}"
  elb  = "arn:${local.partition}:elasticloadbalancing:${local.here}"
  ec2  = "arn:${local.partition}:ec2:${local.here}"
  role = "arn:${local.partition}:iam::${var.account_id}:role"

  cluster_arn            = "${local.ecs}:cluster/${var.cluster_name}"
  service_arn            = "${local.ecs}:service/${var.cluster_name}/${var.name}"
  tasks_arn              = "${local.ecs}:task/${var.cluster_name}/*"
  task_definitions_arn   = "${local.ecs}:task-definition/${var.name}:*"
  load_balancer_arn      = "${local.elb}:loadbalancer/app/${var.name}/*"
  target_group_arn       = "${local.elb}:targetgroup/${var.name}/*"
  listener_arns          = ["${local.elb}:listener/app/${var.name}/*/*", "${local.elb}:listener-rule/app/${var.name}/*/*/*"]
  security_group_arns    = ["${local.ec2}:security-group/*", "${local.ec2}:security-group-rule/*"]
  certificates_arn       = "arn:${local.partition}:acm:${local.here}:certificate/*"
  scalable_targets_arn   = "arn:${local.partition}:application-autoscaling:${local.here}:scalable-target/*"
  alarms_arn             = "arn:${local.partition}:cloudwatch:${local.here}:alarm:${var.name}-*"
  dashboard_arn          = "arn:${local.partition}:cloudwatch::${var.account_id}:dashboard/${var.name}"
  topic_arn              = "arn:${local.partition}:sns:${local.here}:${var.name}-alarms"
  alarms_xray_group_arns = [for key in ["5xx", "slow"] : "arn:${local.partition}:xray:${local.here}:group/${local.alarms_base}-${key}/*"]

  # As stack alarms cuts names for X-Ray's groups.
  alarms_base = length(var.name) <= 27 ? var.name : "${substr(var.name, 0, 20)}-${substr(sha1(var.name), 0, 6)}"
}
