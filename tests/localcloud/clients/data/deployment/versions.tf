terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  max_retries = 2

  default_tags {
    tags = { Team = "tracing" }
  }
}

variable "image" {
  description = "Image of the backend."
  type        = string
}

variable "insights" {
  description = "Container Insights of the cluster."
  type        = string
  default     = "enabled"
}

variable "requests_target" {
  description = "Requests a target that scaling aims at."
  type        = number
  default     = 1000
}
