locals {
  account_id         = "" # the twelve digits of the AWS account
  region             = "" # for example eu-west-1
  honeycomb_endpoint = "https://api.honeycomb.io"

  honeycomb_environment = "prod" # slug of the key's environment at Honeycomb; empty: not looked at

  sampling_rules = {
    service = { reservoir_size = 5, fixed_rate = 0.1 }
  }
}
