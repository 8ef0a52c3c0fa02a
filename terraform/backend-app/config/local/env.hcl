# The local cloud: `make local-up` writes these two variables to .local/env.
locals {
  account_id         = "123456789012"
  region             = get_env("AWS_REGION", "us-east-1")
  local_cloud        = true
  max_retries        = 2
  honeycomb_endpoint = get_env("HONEYCOMB_API_ENDPOINT", "")

  sampling_rules = {
    service = { reservoir_size = 5, fixed_rate = 0.1 }
  }
}
