"""Asks ADOT's sampler, of the package aws-opentelemetry-distro, in an environment of its own.

usage: sampler.py http://HOST:PORT SERVICE

Reads questions as lines of JSON, {"path": ..., "requests": n}, and answers each with a line: how many of the
requests it samples, and by rule the reservoir's quota, as the sampler describes it.
"""

import json
import random
import re
import sys
from typing import Any

from amazon.opentelemetry.distro.sampler.aws_xray_remote_sampler import (  # type: ignore[import-not-found]
    AwsXRayRemoteSampler,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import SpanKind

_QUOTA = re.compile(r"sampling config of (\d+) req/s")


def main() -> None:
    """Answer until there are no more questions."""
    endpoint, service = sys.argv[1:]
    sampler = AwsXRayRemoteSampler(Resource.create({"service.name": service}), endpoint, 10)
    for line in sys.stdin:
        question = json.loads(line)
        attributes = {"url.path": question["path"], "http.request.method": "GET", "server.address": "shop"}
        decisions = [
            sampler.should_sample(None, random.getrandbits(128), "GET", SpanKind.SERVER, attributes)
            for _ in range(question["requests"])
        ]
        sampled = sum(decision.decision.is_sampled() for decision in decisions)
        sys.stdout.write(json.dumps({"sampled": sampled, "quotas": _quotas(sampler)}) + "\n")
        sys.stdout.flush()


def _quotas(sampler: Any) -> dict[str, int | None]:
    """Return the quotas in force by rule, None for a rule that borrows. ADOT has no public way to them."""
    cache = sampler._AwsXRayRemoteSampler__rule_cache
    quotas = {}
    for applier in cache._RuleCache__rule_appliers:
        described = applier._SamplingRuleApplier__reservoir_sampler.get_description()
        found = _QUOTA.search(described)
        assert found is not None, described
        borrows = applier._SamplingRuleApplier__borrowing
        quotas[applier.sampling_rule.RuleName] = None if borrows else int(found[1])
    return quotas


if __name__ == "__main__":
    main()
