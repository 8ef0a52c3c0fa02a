"""X-Ray's sampling rules at work: reservoirs, quotas, and the daemon that tells of both."""
