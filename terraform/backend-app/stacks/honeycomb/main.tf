locals {
  parameters = {
    "honeycomb/endpoint"      = { value = var.endpoint, description = "Base address of Honeycomb's API" }
    "honeycomb/dataset"       = { value = var.dataset, description = "Honeycomb dataset of the traces" }
    "xray/group-name"         = { value = var.xray_group_name, description = "X-Ray group that the backend reports to" }
    "xray/sampling-rule-name" = { value = var.xray_sampling_rule_name, description = "X-Ray sampling rule of the service" }
  }
}

# Nothing here is secret: insecure_value keeps the plan readable. An imported parameter has its value in `value`,
# and the provider (5.100.0) would never change it by insecure_value.
resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:names and an address, none of them secret; a plan shows them
  for_each = local.parameters

  name           = "${var.parameter_path}/${each.key}"
  description    = lookup(var.resource_descriptions, each.key, each.value.description)
  type           = "String"
  insecure_value = contains(var.imported_parameters, each.key) ? null : each.value.value
  value          = contains(var.imported_parameters, each.key) ? each.value.value : null

  tags = merge(var.tags, lookup(var.resource_tags, each.key, {}))
}
