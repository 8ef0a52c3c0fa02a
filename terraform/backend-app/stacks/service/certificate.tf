# A certificate of one's own, or one requested for the domain name. Where no zone is given, the records that are in
# output certificate_validation_records have to be made by hand while the apply waits, or before it is run again.
locals {
  requests_certificate = var.certificate_arn == ""
  certificate_arn      = local.requests_certificate ? aws_acm_certificate_validation.this[0].certificate_arn : var.certificate_arn

  validation_options = flatten(aws_acm_certificate.this[*].domain_validation_options)
}

resource "aws_acm_certificate" "this" {
  count = local.requests_certificate ? 1 : 0

  domain_name       = var.domain_name
  validation_method = "DNS"

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  count = local.requests_certificate && var.hosted_zone_id != "" ? 1 : 0

  zone_id         = var.hosted_zone_id
  name            = local.validation_options[0].resource_record_name
  type            = local.validation_options[0].resource_record_type
  records         = [local.validation_options[0].resource_record_value]
  ttl             = 300
  allow_overwrite = true # another certificate for the same name asks for the same record
}

resource "aws_acm_certificate_validation" "this" {
  count = local.requests_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = var.hosted_zone_id != "" ? aws_route53_record.validation[*].fqdn : null

  timeouts {
    create = "15m"
  }

  # Another certificate reaches the listener first: where that fails, nothing of this one is gone.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "this" {
  count = var.hosted_zone_id == "" ? 0 : 1

  zone_id = var.hosted_zone_id
  name    = var.domain_name
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
