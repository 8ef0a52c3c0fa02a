"""What a number of tasks samples, needs and costs: by hand, by properties, and against the configuration."""

from __future__ import annotations

import re

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from scripts import paths
from scripts.forecast import prices as sinks
from scripts.forecast.costs import MONTH_HOURS, MONTH_SECONDS
from scripts.scale import bill, limits, prices, reckoning
from scripts.scale.bill import Tariff
from scripts.scale.load import Load

TARIFF = Tariff(prices.load("USD"), sinks.load())
SERVICE = paths.ROOT / "terraform" / "backend-app" / "stacks" / "service"
LOADS = st.builds(
    Load,
    requests_per_second=st.floats(0.01, 500),
    workers=st.integers(1, 8),
    spans=st.floats(1, 20),
    reservoir=st.integers(0, 50),
    fixed_rate=st.floats(0, 1),
)


def test_a_bill_by_hand() -> None:
    """Ten tasks, 10 requests a second each, 5 traces a second of two spans, no sampling calls."""
    found = bill.of(10, Load(requests_per_second=10), 5.0, 0.0, TARIFF)
    assert found.fargate == pytest.approx(10 * (0.5 * 0.04048 + 0.004445) * MONTH_HOURS)
    # 100 requests a second: 10 new connections are 0.4 units, 0.72 GB an hour in and out are more
    assert found.load_balancer == pytest.approx((0.0225 + 2 * 0.005 + 0.72 * 0.008) * MONTH_HOURS)
    log_gb = 100 * 100 * MONTH_SECONDS / 1e9
    assert found.logs == pytest.approx(log_gb * 0.5 + log_gb * 30 / (365 / 12) * 0.03)
    out_gb = 10 * (75 + 2020) * MONTH_SECONDS / 1e9 + log_gb
    assert found.nat == pytest.approx(0.05 * MONTH_HOURS + out_gb * 0.045)
    # What comes in costs nothing: of 2,000 bytes 1,600 are the answer.
    assert found.internet == pytest.approx((100 * 1600 + 10 * 75) * MONTH_SECONDS / 1e9 * 0.09)
    assert found.events == pytest.approx(5 * 2.1 * MONTH_SECONDS)
    parts = (found.fargate, found.load_balancer, found.nat, found.internet, found.logs)
    assert found.total == pytest.approx(sum(parts) + found.xray + found.honeycomb)


@given(LOADS, st.integers(1, 2000))
def test_more_tasks_are_never_less_of_anything(load: Load, tasks: int) -> None:
    """Traffic, traces, calls and the bill grow with the tasks; shares stay shares."""
    one, more = (reckoning.scaled(number, load, TARIFF) for number in (tasks, tasks + 1))
    for name in ("documents", "target_calls", "rule_calls", "borrowed", "lcus"):
        assert getattr(one, name) <= getattr(more, name) * (1 + 1e-9) + 1e-6
    assert one.bill.total <= more.bill.total * (1 + 1e-9) + 1e-6
    assert 0 <= one.sampled_share <= 1 + 1e-9
    assert load.fixed_rate * (1 - 1e-9) <= one.sampled_share + 1e-9
    assert one.collector_mib <= one.away_mib + 1e-9 or one.away_seconds < limits.BATCH_SECONDS


@given(LOADS, st.integers(1, 2000))
def test_a_limit_is_told_just_where_it_is_passed(load: Load, tasks: int) -> None:
    """What is reached needs more than there is, with a remedy; X-Ray's limit is told whenever it is."""
    found = reckoning.scaled(tasks, load, TARIFF)
    assert all(one.needed > one.limit and one.remedy for one in found.reached)
    names = {one.name for one in found.reached}
    assert ("X-Ray's segments a second" in names) is (found.documents > 2600)
    assert ("targets of a load balancer while a deployment runs" in names) is (tasks > 500)


@pytest.mark.parametrize(("cpu", "vcpus"), [(256, 5), (512, 10), (2048, 40)])
def test_a_deployment_takes_the_vcpus_of_all_tasks_twice(cpu: int, vcpus: float) -> None:
    """Ten tasks, whatever their size: old and new ones side by side."""
    assert reckoning.scaled(10, Load(cpu=cpu), TARIFF).deployment_vcpus == vcpus


def test_sampling_calls_by_worker() -> None:
    """Each worker reports every 10 seconds and reads the rules every 300: 2,000 make 200 and 6.7 a second."""
    found = reckoning.scaled(1000, Load(), TARIFF)
    assert found.workers == 2000
    assert found.target_calls == 200
    assert found.rule_calls == pytest.approx(20 / 3)


def test_idle_workers_leave_the_reservoir_unused() -> None:
    """Five of 2,000 workers have a quota, and a request only now and then."""
    found = reckoning.scaled(1000, Load(requests_per_second=0.5), TARIFF)
    assert found.sampled.by_reservoir < 1.2
    assert reckoning.scaled(1, Load(requests_per_second=500), TARIFF).sampled.by_reservoir == pytest.approx(5)


def test_a_collector_keeps_spans_for_as_long_as_its_queue_takes_them() -> None:
    """A batch a second: 64 wait and 4 are being sent. 5,120 spans a second fill ten batches a second."""
    assert limits.queue_seconds(1) == 68
    assert limits.queue_seconds(5120) == pytest.approx(6.8)


def test_the_collectors_bounds_are_its_configurations() -> None:
    """limits.py has what collector.yaml says."""
    found = yaml.safe_load((SERVICE / "collector.yaml").read_text())
    exporter, batch = found["exporters"]["otlphttp"], found["processors"]["batch"]
    queue = exporter["sending_queue"]
    assert (queue["queue_size"], queue["num_consumers"]) == (limits.QUEUE_BATCHES, limits.CONSUMERS)
    assert exporter["retry_on_failure"]["max_elapsed_time"] == f"{limits.RETRY_SECONDS:g}s"
    assert batch["send_batch_size"] == limits.BATCH_SPANS
    assert batch["timeout"] == f"{limits.BATCH_SECONDS:g}s"
    stack = "".join(file.read_text() for file in sorted(SERVICE.glob("*.tf")))
    assert re.search(rf"deployment_maximum_percent\s+= {limits.DEPLOYMENT_PERCENT}\n", stack)
    assert "min(512, floor(var.memory / 4))" in stack
    assert "local.collector_memory_mib * 0.8" in stack
    assert stack.count('resource "aws_lb_listener_rule"') == bill.LISTENER_RULES


def test_the_load_is_what_the_settings_have() -> None:
    """Load's defaults are those of config/defaults.hcl."""
    text = (paths.CONFIG / "defaults.hcl").read_text()

    def setting(name: str) -> str:
        found = re.search(rf'^    {name} += "?([^"\s]+)', text, re.MULTILINE)
        assert found is not None, name
        return found[1]

    usual = Load()
    assert usual.requests_per_second * 60 == pytest.approx(float(setting("service_requests_target")))
    assert usual.workers == int(setting("service_workers"))
    assert (usual.cpu, usual.memory) == (int(setting("service_cpu")), int(setting("service_memory")))
    assert (usual.zones, usual.nat_gateways) == (int(setting("network_zones")), 1)
    assert setting("network_nat") == "single"
    assert usual.logs_retention_days == int(setting("logs_retention_days"))
    rule = re.search(r"service = \{ priority = 9000, reservoir_size = (\d+), fixed_rate = ([\d.]+) \}", text)
    assert rule is not None
    assert (usual.reservoir, usual.fixed_rate) == (int(rule[1]), float(rule[2]))


def test_intervals_are_the_backends() -> None:
    """What is reckoned with is what rules/targets.py does."""
    from services.tracing.rules import targets

    assert targets.DEFAULT_INTERVAL_SECONDS == reckoning.REPORT_SECONDS
    assert targets.RULES_INTERVAL_SECONDS == reckoning.RULES_SECONDS
