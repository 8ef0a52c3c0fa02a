"""What one task serves, what it is made of, and how it samples."""

from __future__ import annotations

from dataclasses import dataclass

TASKS = (1, 2, 5, 10, 50, 100, 500, 1000)


@dataclass(frozen=True)
class Load:
    """Of one task: requests a second, workers; of a trace: spans, and span events and links.

    `reservoir` and `fixed_rate` are the service's rule, for all tasks. `errors` and `slow` are the shares of
    requests that fail, and that take long; the two are independent. `cpu` is in units of 1/1024 vCPU,
    `memory` in MiB. The defaults are those of config/defaults.hcl.
    """

    requests_per_second: float = 1000 / 60
    workers: int = 2
    spans: float = 2.0
    events: float = 0.1
    reservoir: int = 5
    fixed_rate: float = 0.1
    errors: float = 0.01
    slow: float = 0.01
    cpu: int = 512
    memory: int = 1024
    zones: int = 2
    nat_gateways: int = 1
    logs_retention_days: int = 30

    @property
    def interesting(self) -> float:
        """The share of requests that fail, take long, or both."""
        return self.errors + self.slow - self.errors * self.slow

    @property
    def collector_mib(self) -> int:
        """What a task's collector may use: stack service, container_collector.tf, collector_limit_mib."""
        return int(min(512, self.memory // 4) * 0.8)
