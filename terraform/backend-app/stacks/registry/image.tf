# The image that serves. What it is changes with each deploy, which writes it and then applies stack service: here it is
# only made, and stays as it is found. Without an image there is `none`, as SSM takes no empty value.
resource "aws_ssm_parameter" "image" {
  #checkov:skip=CKV2_AWS_34:an image's name is no secret; a plan shows it
  name           = "${var.parameter_path}/deploy/image"
  description    = "The image that is deployed, with its tag or digest; none before the first deploy"
  type           = "String"
  insecure_value = "none"

  tags = var.tags

  lifecycle {
    # A write that has no description may take it away.
    ignore_changes = [insecure_value, value, description]
  }
}
