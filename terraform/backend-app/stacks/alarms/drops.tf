# What became of spans, by lines of the log. Patterns: CloudWatch Logs user guide, "Filter pattern syntax". A comparison
# with a number holds for numbers alone: the lines of single workers, which have dropped spans by cause, don't count.
locals {
  sinks = var.tracing_mode == "direct" ? ["xray", "honeycomb"] : ["honeycomb"] # collector: the only sink is called so

  # The last line of a task has the counts of all its workers; that of a killed one comes when it is killed.
  counts = {
    for pair in setproduct(local.sinks, ["dropped", "lost"]) : "spans-${pair[1]}-${pair[0]}" => {
      alarm   = "spans-lost"
      pattern = "{ $.sinks.${pair[0]}.${pair[1]} > 0 }"
      value   = "$.sinks.${pair[0]}.${pair[1]}"
    }
  }
  lines = {
    worker-killed = {
      alarm   = "spans-lost"
      pattern = "{ $.level = \"WARNING\" && $.message = \"*ended with spans that it had not sent*\" }"
      value   = "1"
    }
    # Once when a sink goes down or has no room: from then on spans are dropped.
    sink-down = {
      alarm   = "sink-down"
      pattern = "{ $.level = \"WARNING\" && $.logger = \"services.tracing.*\" && $.message = \"*dropped and counted*\" }"
      value   = "1"
    }
    key-refused = {
      alarm   = "sink-down"
      pattern = "{ $.level = \"ERROR\" && $.logger = \"services.tracing.*\" && $.message = \"*does not accept the key*\" }"
      value   = "1"
    }
  }
  # The collector's own words for a batch that it gives up, at level error: opentelemetry-collector, exporter/exporterhelper.
  # One that it sends again is told in the same words at level info.
  collector = var.tracing_mode == "direct" ? {} : {
    collector-failed = { alarm = "sink-down", pattern = "{ $.level = \"error\" && $.msg = \"Exporting failed*\" }", value = "1" }
  }
  drops = merge(local.counts, local.lines, local.collector)
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.drops

  name           = "${var.name}-${each.key}"
  log_group_name = var.log_group_name
  pattern        = each.value.pattern

  metric_transformation {
    namespace = var.name
    name      = each.key
    value     = each.value.value
    unit      = "Count"
  }
}
