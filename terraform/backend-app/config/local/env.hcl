# The local cloud: `make local-up` writes these two variables to .local/env.
locals {
  account_id         = "123456789012"
  region             = get_env("AWS_REGION", "us-east-1")
  local_cloud        = true
  max_retries        = 2
  honeycomb_endpoint = get_env("HONEYCOMB_API_ENDPOINT", "")

  honeycomb_team        = "local"
  honeycomb_environment = "local"

  # No workflow reaches the local cloud: a repository that shows what is made.
  github = { owner = "example", repository = "traced-app", owner_id = 1001, repository_id = 2002 }

  # The daemon of the local cloud takes X-Ray's segments; the certificate is issued at once.
  tracing_mode          = "direct"
  service_domain_name   = "api.example.test"
  registry_force_delete = true

  sampling_rules = {
    service = { reservoir_size = 5, fixed_rate = 0.1 }
  }
}
