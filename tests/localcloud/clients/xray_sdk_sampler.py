"""Asks the centralized sampler of aws-xray-sdk, as `adot/sampler.py` asks ADOT's.

usage: xray_sdk_sampler.py HOST:PORT SERVICE
"""

import json
import sys
from typing import Any

from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.sampling.sampler import DefaultSampler


def main() -> None:
    """Answer until there are no more questions."""
    address, service = sys.argv[1:]
    sampler = DefaultSampler()
    sampler.load_settings(DaemonConfig(address), Context())
    sampler.start()
    for line in sys.stdin:
        question = json.loads(line)
        request = {"service": service, "path": question["path"], "method": "GET", "host": "shop"}
        sampled = sum(bool(sampler.should_trace(dict(request))) for _ in range(question["requests"]))
        sys.stdout.write(json.dumps({"sampled": sampled, "quotas": _quotas(sampler)}) + "\n")
        sys.stdout.flush()


def _quotas(sampler: Any) -> dict[str, int | None]:
    """Return the quotas in force by rule, None for a rule that borrows."""
    return {rule.name: rule.reservoir.quota for rule in sampler._cache.rules}


if __name__ == "__main__":
    main()
