variable "tasks_min" {
  description = "Tasks that run at least; two or more lie in two zones."
  type        = number
  nullable    = false

  validation {
    condition     = var.tasks_min >= 1 && floor(var.tasks_min) == var.tasks_min
    error_message = "tasks_min is ${var.tasks_min}, expected a whole number from 1."
  }
}

variable "tasks_max" {
  description = "Tasks that run at most: ECS allows a service 5000."
  type        = number
  nullable    = false

  validation {
    condition     = var.tasks_max >= var.tasks_min && var.tasks_max <= 5000 && floor(var.tasks_max) == var.tasks_max
    error_message = "tasks_max is ${var.tasks_max}, expected a whole number from tasks_min (${var.tasks_min}) to 5000."
  }
}

variable "requests_target" {
  description = "Requests a minute and task that scaling aims at."
  type        = number
  nullable    = false

  validation {
    condition     = var.requests_target >= 1
    error_message = "requests_target is ${var.requests_target}, expected 1 or more requests a minute."
  }
}
