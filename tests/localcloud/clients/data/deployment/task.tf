resource "aws_cloudwatch_log_group" "this" {
  name              = "/deployment"
  retention_in_days = 30
}

resource "aws_iam_role" "task" {
  name = "deployment-task"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_ssm_parameter" "secret" {
  name  = "/deployment/secret"
  type  = "SecureString"
  value = "none"
}

resource "aws_ecs_task_definition" "this" {
  family                   = "deployment"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.task.arn
  track_latest             = false

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([
    for name, image in { backend = var.image, collector = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3" } : {
      name                       = name
      image                      = image
      essential                  = true
      readonlyRootFilesystem     = true
      user                       = "10001:10001"
      stopTimeout                = 40
      environment                = [{ name = "PORT", value = "4567" }]
      secrets                    = [{ name = "SECRET", valueFrom = aws_ssm_parameter.secret.arn }]
      portMappings               = name == "backend" ? [{ containerPort = 4567, protocol = "tcp" }] : []
      mountPoints                = [{ sourceVolume = "tmp", containerPath = "/tmp" }]
      dependsOn                  = name == "backend" ? [{ containerName = "collector", condition = "HEALTHY" }] : []
      healthCheck                = { command = ["CMD", "/healthcheck"], interval = 10, timeout = 5, retries = 3, startPeriod = 10 }
      logConfiguration = {
        logDriver = "awslogs"
        options   = { awslogs-group = aws_cloudwatch_log_group.this.name, awslogs-region = "us-east-1", awslogs-stream-prefix = "ecs" }
      }
      linuxParameters = { initProcessEnabled = true }
    }
  ])
}
