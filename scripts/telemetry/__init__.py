"""Each plan, apply, destroy, deploy and rollback as a trace: our own spans and Terragrunt's, in both sinks.

`command` surrounds a command, `current` is what the rest of the scripts talk to, `recording` records with
OpenTelemetry, `receiver` takes Terragrunt's spans on loopback, `sending` hands all of them to X-Ray and to
Honeycomb. None of it is ever why a command fails, nor why it ends more than five seconds later.
"""
