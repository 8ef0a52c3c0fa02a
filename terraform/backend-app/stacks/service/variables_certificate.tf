variable "domain_name" {
  description = "The API's name, lower case; may be empty where a certificate is given."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.domain_name == "" || (can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$", var.domain_name)) && length(var.domain_name) <= 253)
    error_message = "domain_name \"${var.domain_name}\" must be a host's name in lower case, such as api.example.com."
  }
  validation {
    # ACM API reference, RequestCertificate: a certificate's first name. A given certificate may have it among its others.
    condition     = var.certificate_arn != "" || length(var.domain_name) <= 64
    error_message = "domain_name \"${var.domain_name}\" has ${length(var.domain_name)} characters, and ACM requests certificates for 64 at most: set a shorter service_domain_name, or service_certificate_arn."
  }
  validation {
    condition     = var.domain_name != "" || var.certificate_arn != ""
    error_message = "There is neither domain_name nor certificate_arn, and HTTPS needs a certificate: set service_domain_name, for which one is requested, or service_certificate_arn."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone that gets the certificate's and the name's records; empty: they are made by hand."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.hosted_zone_id == "" || can(regex("^Z[A-Z0-9]{1,31}$", var.hosted_zone_id))
    error_message = "hosted_zone_id \"${var.hosted_zone_id}\" must be a Route 53 zone's id, such as Z0123456789ABCDEFGHIJ."
  }
  validation {
    condition     = var.hosted_zone_id == "" || var.domain_name != ""
    error_message = "hosted_zone_id needs domain_name: there is no name to make a record of."
  }
}

variable "certificate_arn" {
  description = "ARN of an ACM certificate of the load balancer's region; empty: one is requested for domain_name."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.certificate_arn == "" || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$", var.certificate_arn))
    error_message = "certificate_arn \"${var.certificate_arn}\" must be an ACM certificate's ARN (arn:aws:acm:<region>:<account id>:certificate/<id>)."
  }
  validation {
    condition     = try(split(":", var.certificate_arn)[4] == var.account_id, true)
    error_message = "certificate_arn \"${var.certificate_arn}\" is of another account than ${var.account_id}: a load balancer takes its own account's certificates alone."
  }
}
