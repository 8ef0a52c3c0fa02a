# What stack registry made.
variable "image_parameter_name" {
  description = "Name of the parameter that `make deploy` writes the image into; empty as long as there is none. While it holds \"none\" there is no task definition, service or scaling."
  type        = string
  nullable    = false

  validation {
    condition     = var.image_parameter_name == "" || can(regex("^(/[A-Za-z0-9_.-]+)+$", var.image_parameter_name))
    error_message = "image_parameter_name \"${var.image_parameter_name}\" must be a parameter's whole name, such as /cruddur/dev/backend-flask/deploy/image, or empty."
  }
}

variable "repository_url" {
  description = "Address of the ECR repository that the execution role may pull from, without a tag; empty as long as there is none."
  type        = string
  nullable    = false

  validation {
    condition     = var.repository_url == "" || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.[a-z0-9.:-]+/[a-z0-9._/-]+$", var.repository_url))
    error_message = "repository_url \"${var.repository_url}\" must be an ECR repository's address, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/name, or empty."
  }
}

variable "collector_image" {
  description = "Image of AWS's distribution of the OpenTelemetry Collector, pinned by version or digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]*(:[0-9]+)?/[a-z0-9._/-]+(:v?[0-9]+\\.[0-9]+\\.[0-9]+)?(@sha256:[0-9a-f]{64})?$", var.collector_image)) && can(regex("(:v?[0-9]+\\.[0-9]+\\.[0-9]+|@sha256:[0-9a-f]{64})$", var.collector_image))
    error_message = "collector_image \"${var.collector_image}\" must be pinned: <registry>/<name>:v<version>, such as :v0.43.3, or with @sha256:<digest>; latest is neither."
  }
  validation {
    condition     = !strcontains(var.collector_image, ".dkr.ecr.") || startswith(var.collector_image, "${var.account_id}.dkr.ecr.")
    error_message = "collector_image \"${var.collector_image}\" is in another account's ECR than ${var.account_id}'s: the execution role may pull from that one and from public registries alone."
  }
}

variable "execution_role_name" {
  description = "Name of the role by which ECS pulls the image, writes the log and injects the secret."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.execution_role_name))
    error_message = "execution_role_name \"${var.execution_role_name}\" must have 1 to 64 letters, digits and +=,.@_- alone."
  }
}

variable "task_role_name" {
  description = "Name of the backend's and the collector's role."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.task_role_name))
    error_message = "task_role_name \"${var.task_role_name}\" must have 1 to 64 letters, digits and +=,.@_- alone."
  }
}
