# Limits: ECR user guide, "Lifecycle policy properties"; the widest numbers are ours.
variable "images_kept" {
  description = "Number of images that stay, counted from the newest push; older ones are removed, one that serves too. From 10, so that the one that serves and the one before are not pushed out, to 10000."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.images_kept >= 10 && var.images_kept <= 10000 && floor(var.images_kept) == var.images_kept
    error_message = "images_kept is ${var.images_kept}, expected a whole number from 10 to 10000: images are removed by their push, one that serves or is gone back to as well."
  }
}

variable "untagged_days" {
  description = "Days after which images without a tag are removed, from 1 to 365: what an interrupted push has left."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.untagged_days >= 1 && var.untagged_days <= 365 && floor(var.untagged_days) == var.untagged_days
    error_message = "untagged_days is ${var.untagged_days}, expected a whole number from 1 to 365."
  }
}

variable "force_delete" {
  description = "Whether destroy removes the images too; else it is refused while there are any."
  type        = bool
  default     = false
  nullable    = false
}
