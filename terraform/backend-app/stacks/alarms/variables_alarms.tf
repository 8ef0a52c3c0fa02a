variable "faults_percent" {
  description = "Percent of requests that may be answered 5xx, of the sampled ones by X-Ray and of all by the load balancer: above 0, below 100."
  type        = number
  nullable    = false

  validation {
    condition     = var.faults_percent > 0 && var.faults_percent < 100
    error_message = "faults_percent is ${var.faults_percent}, expected a number above 0 and below 100."
  }
}

variable "latency_seconds" {
  description = "Seconds that requests may take on average; a single one that takes longer is slow. From 0.001 to 900."
  type        = number
  nullable    = false

  validation {
    condition     = var.latency_seconds >= 0.001 && var.latency_seconds <= 900
    error_message = "latency_seconds is ${var.latency_seconds}, expected seconds from 0.001 to 900."
  }
}

variable "slow_percent" {
  description = "Percent of sampled requests that may be slow: above 0, below 100."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.slow_percent > 0 && var.slow_percent < 100
    error_message = "slow_percent is ${var.slow_percent}, expected a number above 0 and below 100."
  }
}

variable "traces_min" {
  description = "Traces in 5 minutes from which a share of them says something."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.traces_min >= 1 && floor(var.traces_min) == var.traces_min
    error_message = "traces_min is ${var.traces_min}, expected a whole number, 1 or more."
  }
}
