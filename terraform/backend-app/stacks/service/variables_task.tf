# Limits: ECS developer guide, "Fargate task definition considerations", task CPU and memory.
variable "cpu" {
  description = "CPU units of a task: 256, 512, 1024, 2048 or 4096."
  type        = number
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "cpu is ${var.cpu}; of Fargate's sizes 256, 512, 1024, 2048 and 4096 can be had."
  }
}

variable "memory" {
  description = "MiB of a task: with cpu 256 one of 512, 1024, 2048; else a multiple of 1024, from twice to eight times the cpu (4096: up to 30720)."
  type        = number
  nullable    = false

  validation {
    condition = (
      var.cpu == 256 ? contains([512, 1024, 2048], var.memory) :
      var.memory % 1024 == 0 && var.memory >= max(1024, 2 * var.cpu) && var.memory <= min(8 * var.cpu, 30720)
    )
    error_message = "memory is ${var.memory}, which Fargate hasn't got with cpu ${var.cpu}: expected ${var.cpu == 256 ? "512, 1024 or 2048" : "a multiple of 1024 from ${max(1024, 2 * var.cpu)} to ${min(8 * var.cpu, 30720)}"}."
  }
}

variable "log_group_name" {
  description = "CloudWatch log group of both containers; it has to exist."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_./#-]{1,512}$", var.log_group_name))
    error_message = "log_group_name \"${var.log_group_name}\" must have 1 to 512 letters, digits and _-/.# alone."
  }
}

variable "workers" {
  description = "gunicorn's workers in each task."
  type        = number
  nullable    = false

  validation {
    condition     = var.workers >= 1 && var.workers <= 256 && floor(var.workers) == var.workers
    error_message = "workers is ${var.workers}, expected a whole number from 1 to 256."
  }
}
