# Names: docs.github.com, "Repository name limits" and "Username considerations"; a subject has them as they are written
# there, upper and lower case too.
variable "github" {
  description = "The GitHub repository whose workflows may take the plan, apply and verify roles; null for none of them. With both ids the newer form of GitHub's subject counts too, and repositories of other ids are kept out whatever their name. branch is what apply and verify run from."
  type = object({
    owner         = string
    repository    = string
    owner_id      = optional(string)
    repository_id = optional(string)
    branch        = optional(string, "main")
  })
  default = null

  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$", var.github.owner))
    error_message = "github.owner \"${try(var.github.owner, "")}\" must be a user's or organization's name: 1 to 39 letters, digits, _ and -."
  }
  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9._-]{1,100}$", var.github.repository))
    error_message = "github.repository \"${try(var.github.repository, "")}\" must be the repository's name alone: 1 to 100 letters, digits and ._-, without its owner."
  }
  validation {
    condition     = var.github == null ? true : alltrue([for id in [var.github.owner_id, var.github.repository_id] : id == null || can(regex("^[1-9][0-9]{0,18}$", id))])
    error_message = "github.owner_id and github.repository_id must be numbers, as `gh api repos/<owner>/<repository>` gives them (.owner.id and .id)."
  }
  validation {
    condition     = var.github == null ? true : (try(var.github.owner_id, null) == null) == (try(var.github.repository_id, null) == null)
    error_message = "github.owner_id and github.repository_id go together: give both, or neither."
  }
  validation {
    condition     = var.github == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$", var.github.branch))
    error_message = "github.branch \"${try(var.github.branch, "")}\" must be one branch's name, without refs/heads/ and wildcards."
  }
}

variable "github_environment" {
  description = "The GitHub environment that a job must run in to apply, for example dev: 1 to 255 letters, digits and ._-"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,255}$", var.github_environment))
    error_message = "github_environment \"${var.github_environment}\" must have 1 to 255 letters, digits and ._- alone."
  }
}

variable "github_verify_workflow" {
  description = "The file in .github/workflows whose job takes the verify role; where a workflow calls another, the called one's."
  type        = string
  default     = "verify-environment.yml"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,200}\\.ya?ml$", var.github_verify_workflow))
    error_message = "github_verify_workflow \"${var.github_verify_workflow}\" must be the file's name alone, letters, digits and ._- with .yml or .yaml."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of the account's IAM provider for token.actions.githubusercontent.com where there is one; empty to make it. An account can have only one."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.github_oidc_provider_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be arn:aws:iam::<account id>:oidc-provider/token.actions.githubusercontent.com, or empty."
  }
}

variable "state_bucket" {
  description = "Bucket of the units' states, which the plan and apply roles use: 3 to 63 lower-case letters, digits, dots and hyphens."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket \"${var.state_bucket}\" must have 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "state_prefix" {
  description = "What the states' keys begin with: <prefix>/<unit>/terraform.tfstate."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,128}$", var.state_prefix))
    error_message = "state_prefix \"${var.state_prefix}\" must have 1 to 128 letters, digits and ._- alone."
  }
}
