"""A month's bill of *tasks* tasks and of what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.forecast import costs
from scripts.forecast.costs import MONTH_HOURS, MONTH_SECONDS, Usage
from scripts.scale import sizes

if TYPE_CHECKING:
    from scripts.forecast.prices import Prices
    from scripts.scale.load import Load
    from scripts.scale.prices import AwsPrices

GB = 1e9
REQUESTS_PER_CONNECTION = 10
CONNECTION_SECONDS = 60
"""Assumed of callers: ten requests over a connection, which then stays open as long as the ALB lets it."""
RULE_EVALUATIONS_FREE = 10
LISTENER_RULES = 2


@dataclass(frozen=True)
class Tariff:
    """All prices: AWS's for what carries the backend, and the sinks'."""

    aws: AwsPrices
    sinks: Prices


@dataclass(frozen=True)
class Bill:
    """A month, by part, in the prices' currency; `events` and `plan` are Honeycomb's."""

    fargate: float
    load_balancer: float
    nat: float
    internet: float
    logs: float
    xray: float
    honeycomb: float
    events: float
    plan: str

    @property
    def total(self) -> float:
        """Everything."""
        return (
            self.fargate
            + self.load_balancer
            + self.nat
            + self.internet
            + self.logs
            + self.xray
            + self.honeycomb
        )


def lcus(requests_per_second: float) -> float:
    """Return the load balancer's capacity units: the most of four dimensions.

    25 new connections a second, 3,000 open ones, 1 GB an hour, 1,000 rule evaluations a second beyond ten
    rules a request (source as of the price).
    """
    connections = requests_per_second / REQUESTS_PER_CONNECTION
    evaluations = max(0, LISTENER_RULES - RULE_EVALUATIONS_FREE) * requests_per_second
    gigabytes = requests_per_second * (sizes.REQUEST_BYTES + sizes.ANSWER_BYTES) * 3600 / GB
    return max(connections / 25, connections * CONNECTION_SECONDS / 3000, gigabytes, evaluations / 1000)


def fargate(vcpus: float, memory_gb: float, aws: AwsPrices) -> float:
    """Return what that much of Fargate costs in a month."""
    hourly = vcpus * aws.fargate_vcpu_hour.amount + memory_gb * aws.fargate_gb_hour.amount
    return hourly * MONTH_HOURS


def sinks(traces_per_second: float, load: Load, tariff: Tariff) -> costs.Costs:
    """Return what X-Ray and Honeycomb charge for those traces."""
    return costs.of(traces_per_second, Usage(load.spans, load.events), tariff.sinks)


def of(tasks: int, load: Load, traces_per_second: float, calls_per_second: float, tariff: Tariff) -> Bill:
    """Return a month's bill: *traces_per_second* of all tasks, and that many sampling calls."""
    aws = tariff.aws
    requests = tasks * load.requests_per_second
    spans = traces_per_second * load.spans
    log_gb = requests * sizes.LOG_BYTES * MONTH_SECONDS / GB
    honeycomb_gb = spans * sizes.OTLP_WIRE_BYTES * MONTH_SECONDS / GB
    xray_bytes = spans * sizes.XRAY_WIRE_BYTES + calls_per_second * sizes.SAMPLING_CALL_BYTES
    nat_gb = honeycomb_gb + xray_bytes * MONTH_SECONDS / GB + log_gb
    answers_gb = requests * sizes.ANSWER_BYTES * MONTH_SECONDS / GB
    charged = sinks(traces_per_second, load, tariff)
    gateways = load.nat_gateways * (aws.nat_hour.amount + aws.address_hour.amount) * MONTH_HOURS
    balancer = aws.alb_hour.amount + load.zones * aws.address_hour.amount
    balancer += lcus(requests) * aws.alb_lcu_hour.amount
    kept_gb = log_gb * load.logs_retention_days / costs.MONTH_DAYS
    return Bill(
        fargate=tasks * fargate(load.cpu / 1024, load.memory / 1024, aws),
        load_balancer=balancer * MONTH_HOURS,
        nat=gateways + nat_gb * aws.nat_gb.amount,
        internet=(answers_gb + honeycomb_gb) * aws.internet_gb.amount,
        logs=log_gb * aws.logs_gb.amount + kept_gb * aws.logs_stored_gb_month.amount,
        xray=charged.xray,
        honeycomb=charged.honeycomb,
        events=charged.items[-1].amount,
        plan=charged.plan,
    )
