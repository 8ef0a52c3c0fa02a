variable "backend_environment" {
  description = "Further variables of the backend, no secrets: whoever may describe a task definition reads them."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.backend_environment) : can(regex("^[A-Z_][A-Z0-9_]*$", name))])
    error_message = "backend_environment may have names of capital letters, digits and _ alone: see ${join(", ", [for name in keys(var.backend_environment) : name if !can(regex("^[A-Z_][A-Z0-9_]*$", name))])}."
  }
  validation {
    condition     = length(setintersection(keys(var.backend_environment), ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_XRAY_DAEMON_ADDRESS", "BIND", "GUNICORN_GRACEFUL_TIMEOUT", "GUNICORN_KEEP_ALIVE", "GUNICORN_WORKERS", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SERVICE_NAME", "PORT", "TMPDIR", "TRACING_MODE", "TRACING_PARAMETER_PATH", "TRACING_REQUIRED", "TRACING_SHUTDOWN_DEADLINE"])) == 0
    error_message = "backend_environment sets what this stack sets itself: leave out AWS_REGION, AWS_DEFAULT_REGION, AWS_XRAY_DAEMON_ADDRESS, BIND, PORT, TMPDIR, GUNICORN_GRACEFUL_TIMEOUT, GUNICORN_KEEP_ALIVE, GUNICORN_WORKERS, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SERVICE_NAME, TRACING_MODE, TRACING_PARAMETER_PATH, TRACING_REQUIRED and TRACING_SHUTDOWN_DEADLINE."
  }
  validation {
    condition     = !anytrue([for name in keys(var.backend_environment) : can(regex("(^|_)(TOKEN|SECRET)|PASSW|PASSPHRASE|(API|ACCESS|SECRET|PRIVATE)_KEY|_HEADERS$", name))])
    error_message = "backend_environment has what looks like a secret: ${join(", ", [for name in keys(var.backend_environment) : name if can(regex("(^|_)(TOKEN|SECRET)|PASSW|PASSPHRASE|(API|ACCESS|SECRET|PRIVATE)_KEY|_HEADERS$", name))])}. Put it into a SecureString below the parameter path."
  }
}
