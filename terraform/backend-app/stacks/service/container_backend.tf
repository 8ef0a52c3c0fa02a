# The backend's container. Its settings: docs/settings.md.
locals {
  port                     = 4567
  graceful_timeout_seconds = 30
  flush_deadline_seconds   = 5
  stop_timeout_seconds     = 60
  idle_timeout_seconds     = 60
  keep_alive_seconds       = 75 # who closes an idle connection first must be the load balancer

  backend_settings = merge(
    { TRACING_TRUSTED_CALLERS = "none" },
    var.backend_environment,
    {
      AWS_REGION                = local.region
      AWS_XRAY_DAEMON_ADDRESS   = "127.0.0.1:2000"
      BIND                      = "0.0.0.0"
      GUNICORN_GRACEFUL_TIMEOUT = tostring(local.graceful_timeout_seconds)
      GUNICORN_KEEP_ALIVE       = tostring(local.keep_alive_seconds)
      GUNICORN_WORKERS          = tostring(var.workers)
      PORT                      = tostring(local.port)
      TMPDIR                    = "/dev/shm" # the only place that can be written, in memory
      TRACING_MODE              = var.tracing_mode
      TRACING_PARAMETER_PATH    = var.parameter_path
      TRACING_REQUIRED          = "true"
      TRACING_SHUTDOWN_DEADLINE = tostring(local.flush_deadline_seconds)
    },
    var.service_name == "" ? {} : { OTEL_SERVICE_NAME = var.service_name },
    var.tracing_mode == "collector" ? { OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318" } : {},
  )

  backend = merge(local.hardened, {
    name         = "backend"
    image        = local.image
    essential    = true
    cpu          = var.cpu - local.collector_cpu
    user         = "10001:10001"
    stopTimeout  = local.stop_timeout_seconds
    environment  = [for name, value in local.backend_settings : { name = name, value = value }]
    portMappings = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]

    # Started after the collector and, as ECS turns the order round, stopped before it.
    dependsOn = [{ containerName = "collector", condition = "HEALTHY" }]

    healthCheck = {
      command     = ["CMD", "python", "/app/backend-flask/healthcheck.py"] # ECS doesn't know the image's own
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
  })
}
