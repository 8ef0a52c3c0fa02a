"""Where things end: quotas and the collector's own bounds, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

SEGMENTS_PER_SECOND = 2600
"""PutTraceSegments' documents, an account and region (X-Ray, service quotas; can be raised)."""
ALB_TARGETS = 1000
"""Of a load balancer. From memory of AWS's quotas, unverified; can be raised."""
DEPLOYMENT_PERCENT = 200
"""Tasks at most while a new version replaces the old one: stack service, deployment_maximum_percent."""
VCPU_QUOTA = "Fargate On-Demand vCPU resource count"
VCPU_QUOTA_DEFAULT = 6
"""Of an account and region, all its Fargate tasks together; can be raised. An account has its own value.

The default is from AWS's models (botocore, batch, ResourceRequirement). New accounts may have less:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
"""
PRIVATE_ADDRESSES = 16_379
"""Of one zone's private subnet in a /16: stack network's README. A task takes one."""
QUEUE_BATCHES = 64
BATCH_SPANS = 512
BATCH_SECONDS = 1.0
CONSUMERS = 4
RETRY_SECONDS = 120.0
"""Of the collector towards Honeycomb: stack service, collector.yaml."""


@dataclass(frozen=True)
class Reached:
    """A limit that is passed: its name, what would be needed, what there is, and what to do."""

    name: str
    needed: float
    limit: float
    remedy: str


def deployment_tasks(tasks: int) -> float:
    """Return how many tasks there are at most while a deployment of *tasks* tasks runs."""
    return tasks * DEPLOYMENT_PERCENT / 100


def queue_seconds(spans_per_second: float) -> float:
    """Return how long a collector keeps spans while Honeycomb doesn't answer, until the first is dropped.

    It fills its queue by a batch a second, or for every 512 spans, and gives a batch up after 120 s.
    """
    batches_per_second = max(1 / BATCH_SECONDS, spans_per_second / BATCH_SPANS)
    return min(RETRY_SECONDS, (QUEUE_BATCHES + CONSUMERS) / batches_per_second)
