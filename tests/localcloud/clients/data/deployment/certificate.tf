resource "aws_acm_certificate" "this" {
  domain_name       = "api.cruddur.example"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn = aws_acm_certificate.this.arn
}
