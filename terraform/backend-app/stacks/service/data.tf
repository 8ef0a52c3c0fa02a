data "aws_partition" "current" {}
data "aws_region" "current" {}

# What `make deploy` wrote there. A plan that has no registry yet knows no parameter.
data "aws_ssm_parameter" "image" {
  count = var.image_parameter_name == "" ? 0 : 1

  name = var.image_parameter_name
}

locals {
  region = data.aws_region.current.name
  here   = "${local.region}:${var.account_id}"

  # "none" as stack registry makes the parameter: nothing has been deployed, so that there is nothing to run.
  image       = try(one(data.aws_ssm_parameter.image[*].insecure_value), null)
  is_deployed = local.image != null && local.image != "none"

  honeycomb_key_arn = "arn:${data.aws_partition.current.partition}:ssm:${local.here}:parameter${var.parameter_path}/honeycomb/api-key"
  role_arn_prefix   = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role"
}
