data "aws_partition" "current" {}
data "aws_region" "current" {}

# What the roles speak of, by its ARN.
locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
  here      = "${local.region}:${var.account_id}"

  path_arn           = "arn:${local.partition}:ssm:${local.here}:parameter${var.parameter_path}"
  key_arn            = "${local.path_arn}/honeycomb/api-key"
  rollbar_arn        = "${local.path_arn}/rollbar/access-token"
  plain_arns         = [for name in local.plain_names : "${local.path_arn}/${name}"]
  plain_names        = ["honeycomb/endpoint", "honeycomb/dataset", "xray/group-name", "xray/sampling-rule-name", "logs/group-name"]
  xray_group_arn     = "arn:${local.partition}:xray:${local.here}:group/${var.xray_group_name}/*"
  sampling_rule_arns = [for name in var.xray_sampling_rule_names : "arn:${local.partition}:xray:${local.here}:sampling-rule/${name}"]
  log_group_arn      = "arn:${local.partition}:logs:${local.here}:log-group:${var.log_group_name}"
  repository_arn     = "arn:${local.partition}:ecr:${local.here}:repository/${var.name}"
  collector_arns     = [for found in regexall("^${var.account_id}\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)", var.collector_image) : "arn:${local.partition}:ecr:${found[0]}:${var.account_id}:repository/${found[1]}"]
  image_arn          = "${local.path_arn}/deploy/image"
  injected_arns      = [for name in var.injected_parameters : "${local.path_arn}/${name}"]
  state_bucket_arn   = "arn:${local.partition}:s3:::${var.state_bucket}"
  states_arn         = "${local.state_bucket_arn}/${var.state_prefix}"
}
