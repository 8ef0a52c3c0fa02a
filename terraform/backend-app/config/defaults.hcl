# What every environment has unless its env.hcl says otherwise; an env.hcl may set exactly these names.
locals {
  settings = {
    # AWS
    account_id   = "" # required: only this account is touched
    region       = "" # required
    state_bucket = "" # empty: <project>-<environment>-terraform-state-<account id>
    max_retries  = 5
    local_cloud  = false # true only for the local cloud: state bucket without enforced TLS, AWS_ENDPOINT_URL required
    tags         = {}

    # X-Ray
    service_name                   = ""   # empty: group_name, as the backend has it; else what OTEL_SERVICE_NAME says
    group_name                     = ""   # empty: <project>-<environment>-<service>
    filter_expression              = null # null: service("<service_name>")
    insights_enabled               = false
    insights_notifications_enabled = false
    encryption                     = null  # { type = "KMS", key_id = "<the key's ARN>" }; for the whole account and region
    sampling_rules                 = {}    # by key: settings that differ from below, further rules, or null for none
    allow_rules_that_sdks_ignore   = false # rules with attributes, a resource ARN or a version other than 1
    resource_policies              = []    # names of X-Ray resource policies that others made and that may be there

    # What single resources have for themselves, as `make adopt` found them: by unit, then by resource
    resource_tags         = {} # { xray = { group = { Team = "a" }, "rule/<name>" = { ... } }, honeycomb = { "honeycomb/endpoint" = { ... } } }
    resource_descriptions = {} # of parameters: { honeycomb = { "honeycomb/endpoint" = "..." } }
    imported_parameters   = {} # by unit: { honeycomb = ["honeycomb/endpoint"] }; never to be taken away again

    # Honeycomb
    honeycomb_endpoint   = "" # required: https://api.honeycomb.io or https://api.eu1.honeycomb.io
    honeycomb_dataset    = "" # empty: the service's name, which is what Honeycomb itself takes
    honeycomb_kms_key_id = null

    # What verify holds the key against, as slugs; empty: not looked at
    honeycomb_team        = ""
    honeycomb_environment = ""

    # Logs
    logs_retention_days = 30   # one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400 ... 3653
    logs_kms_key_id     = null # ARN of a KMS key; null: CloudWatch's own

    # Access: the roles of GitHub's workflows
    github                   = null # required by unit access: { owner, repository, owner_id, repository_id, branch }, or {} for none
    github_oidc_provider_arn = ""   # empty: the provider is made; else the account's own, as there can be only one

    # Network: made, or an existing VPC's
    network_existing       = null           # { vpc_id = "vpc-...", public_subnet_ids = [...], private_subnet_ids = [...] }
    network_cidr           = "10.20.0.0/16" # /16 to /22
    network_reserved_cidrs = []             # of networks that this one is, or will be, joined with
    network_zones          = 2              # 2 or 3
    network_nat            = "single"       # single, zone (one in each), or none: then nothing reaches Honeycomb
    network_endpoints      = []             # of ssm, kms, xray, logs, ecr, s3; s3 costs nothing, the others each by hour and zone
    network_flow_logs      = true

    # Registry
    registry_images_kept  = 30    # from 10: older ones are removed
    registry_force_delete = false # true: destroy removes the images too

    # Service
    tracing_mode            = "collector" # collector, or direct: the backend itself sends to Honeycomb
    service_cpu             = 512         # of a task: 256, 512, 1024, 2048, 4096
    service_memory          = 1024        # MiB, as Fargate has it for that cpu
    service_workers         = 2           # gunicorn's, in each task
    service_tasks_min       = 2
    service_tasks_max       = 10
    service_requests_target = 1000 # requests a minute and task that scaling aims at
    service_environment     = {}   # further variables of the backend; no secrets
    service_domain_name     = ""   # the API's name; required where there is no certificate
    service_hosted_zone_id  = ""   # Route 53 zone of that name: gets the certificate's and the name's records
    service_certificate_arn = ""   # empty: one is requested for the name
    service_ingress_cidrs   = ["0.0.0.0/0"]
    service_collector_image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3@sha256:8aa9ea5f67b8d318f7d6af24677e3c70f7098bc0631147cb5fa91addbe980b06"

    # Alarms
    alarm_emails          = []   # who is told; each has to confirm
    alarm_faults_percent  = 5    # of the group's requests, and of all, 5 minutes long
    alarm_latency_seconds = 1    # average of all requests, 5 minutes long; a sampled one that takes longer is slow
    alarm_kms_key_id      = null # ARN of a KMS key for the topic; null: not encrypted with one
  }

  # What a rule matches where it says nothing: every request of this service.
  sampling_rule = {
    name         = null # null: <project>-<environment>-<key>, of the rule service the group's name
    service_name = null # null: this service's
    service_type = "*"
    host         = "*"
    http_method  = "*"
    url_path     = "*"
    resource_arn = "*"
    version      = 1
    attributes   = {}
  }

  # X-Ray takes the first rule that matches, lowest priority number first. health keeps the load balancer's
  # checks out of the reservoir, which they would use up.
  sampling_rules = {
    service = { priority = 9000, reservoir_size = 5, fixed_rate = 0.1 }
    health  = { priority = 8999, reservoir_size = 0, fixed_rate = 0, url_path = "/health*" }
  }
}
