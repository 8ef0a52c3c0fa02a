# The collector's container: AWS's distribution. The daemon's successor, where the backend itself sends to Honeycomb.
locals {
  collector_cpu        = floor(var.cpu / 8)
  collector_memory_mib = min(512, floor(var.memory / 4))

  # OpenTelemetry Collector, memorylimiterprocessor: Go's own bound below the limit, and a fifth for peaks.
  collector_limit_mib = floor(local.collector_memory_mib * 0.8)
  is_collecting       = var.tracing_mode == "collector"

  indexed_attributes = split(",", lookup(var.backend_environment, "TRACING_INDEXED_ATTRIBUTES", "http.route"))

  collector_settings = merge(
    {
      AOT_CONFIG_CONTENT = file("${path.module}/${local.is_collecting ? "collector.yaml" : "collector-direct.yaml"}")
      AWS_REGION         = local.region
      GOMEMLIMIT         = "${floor(local.collector_limit_mib * 0.8)}MiB"
      MEMORY_LIMIT_MIB   = tostring(local.collector_limit_mib)
      MEMORY_SPIKE_MIB   = tostring(floor(local.collector_limit_mib / 5))
      XRAY_ENDPOINT      = "https://xray.${local.region}.${data.aws_partition.current.dns_suffix}"
    },
    local.is_collecting ? {
      HONEYCOMB_DATASET     = var.honeycomb_dataset
      HONEYCOMB_ENDPOINT    = var.honeycomb_endpoint
      HONEYCOMB_KEY_VERSION = tostring(var.honeycomb_key_version)
      INDEXED_ATTRIBUTES    = jsonencode([for name in local.indexed_attributes : trimspace(name)])
      INDEX_ALL_ATTRIBUTES  = lookup(var.backend_environment, "TRACING_INDEX_ALL_ATTRIBUTES", "false")
    } : {},
  )

  # ECS injects a secret only when a container starts: the key's version, beside it, makes a rotated key a new revision.
  collector_secrets = local.is_collecting ? [{ name = "HONEYCOMB_API_KEY", valueFrom = local.honeycomb_key_arn }] : []

  # Requests don't depend on it: where it ends, it alone is started again.
  collector = merge(local.hardened, {
    name          = "collector"
    image         = replace(var.collector_image, "/:v?[0-9.]+@/", "@") # ECS takes a tag or a digest, not both
    essential     = false
    restartPolicy = { enabled = true, restartAttemptPeriod = 60 }
    cpu           = local.collector_cpu
    memory        = local.collector_memory_mib
    user          = "4317:4317"
    stopTimeout   = 30
    environment   = [for name, value in local.collector_settings : { name = name, value = value }]
    secrets       = local.collector_secrets

    healthCheck = {
      command     = ["CMD", "/healthcheck"] # asks 127.0.0.1:13133
      interval    = 5
      timeout     = 3
      retries     = 5
      startPeriod = 10
    }
  })
}
