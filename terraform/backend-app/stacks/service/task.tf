resource "aws_ecs_task_definition" "this" {
  count = local.is_deployed ? 1 : 0

  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = "${local.role_arn_prefix}/${var.execution_role_name}"
  task_role_arn            = "${local.role_arn_prefix}/${var.task_role_name}"
  container_definitions    = jsonencode([local.backend, local.collector])

  # A deployment that fails goes back to the revision before, which ECS takes only while it is active.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = can(regex("^[a-z0-9][a-z0-9._:/-]*[a-z0-9](:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$", local.image)) && !endswith(local.image, ":latest")
      error_message = "${var.image_parameter_name} holds \"${local.image}\", expected an image with a tag that stays (not latest), or with @sha256: and its digest. `make deploy` writes it."
    }
    precondition {
      condition     = !strcontains(local.image, ".dkr.ecr.") || anytrue([for mark in [":", "@"] : startswith(local.image, "${var.repository_url}${mark}")])
      error_message = "${var.image_parameter_name} holds \"${local.image}\", which is in another repository than ${var.repository_url}: the execution role may pull from that one alone."
    }
  }
}
