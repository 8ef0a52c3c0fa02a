variable "nat" {
  description = "NAT gateways, the way out of the private subnets: \"single\" for all zones, \"zone\" for one in each, or \"none\", with which nothing reaches Honeycomb."
  type        = string
  default     = "single"
  nullable    = false

  validation {
    condition     = contains(["single", "zone", "none"], var.nat)
    error_message = "nat is \"${var.nat}\", expected single, zone or none."
  }
  validation {
    # What a Fargate task asks for before its first container runs, and the backend when it starts.
    condition     = var.nat != "none" || var.existing != null || length(setsubtract(["ecr", "logs", "s3", "ssm", "xray"], var.endpoints)) == 0
    error_message = "nat is none, and no task starts without the endpoints ${join(", ", setsubtract(["ecr", "logs", "s3", "ssm", "xray"], var.endpoints))}: add them, or take nat = \"single\"."
  }
  validation {
    condition     = var.nat != "none" || var.existing != null || var.collector_image == "" || startswith(var.collector_image, "${var.account_id}.dkr.ecr.")
    error_message = "nat is none, and no task starts with collector_image \"${var.collector_image}\", which no endpoint leads to: take one in ECR of account ${var.account_id}, or nat = \"single\"."
  }
}

variable "collector_image" {
  description = "The image that each task needs beside the backend's: without NAT it has to be in the account's ECR. Empty: not looked at."
  type        = string
  default     = ""
  nullable    = false
}

variable "endpoints" {
  description = "VPC endpoints of AWS's services, of ssm, kms, xray, logs, ecr and s3. s3 costs nothing; the others cost by the hour and zone, and ecr is two."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.endpoints, ["ssm", "kms", "xray", "logs", "ecr", "s3"])) == 0
    error_message = "endpoints has ${join(", ", setsubtract(var.endpoints, ["ssm", "kms", "xray", "logs", "ecr", "s3"]))}, expected any of ssm, kms, xray, logs, ecr and s3."
  }
  validation {
    condition     = var.existing == null || length(var.endpoints) == 0
    error_message = "endpoints ${join(", ", var.endpoints)} can't be made in an existing VPC: leave endpoints empty, or existing null."
  }
}

check "way_to_honeycomb" {
  assert {
    condition     = var.nat != "none" || var.existing != null
    error_message = "nat is none: nothing in the private subnets reaches Honeycomb, and images come from this account's ECR alone."
  }
}
