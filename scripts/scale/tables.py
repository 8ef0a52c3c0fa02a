"""The tables as rows of text, and in words what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.forecast.numbers import amount, money, percent
from scripts.forecast.report import Rows
from scripts.scale import limits, sizes, tail
from scripts.scale.bill import CONNECTION_SECONDS, REQUESTS_PER_CONNECTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.scale.result import Result


def sampling(result: Result) -> Rows:
    """Return what is sampled, and what is asked of X-Ray, a second."""
    columns = ["tasks", "workers", "requests", "reservoir", "rate", "sampled", "documents", "of 2,600"]
    columns += ["calls", "borrowed"]
    rows = [
        (
            str(one.tasks),
            str(one.workers),
            amount(one.sampled.requests),
            amount(one.sampled.by_reservoir),
            amount(one.sampled.by_rate),
            percent(one.sampled_share),
            amount(one.documents),
            percent(one.documents / limits.SEGMENTS_PER_SECOND),
            amount(one.target_calls + one.rule_calls),
            amount(one.borrowed),
        )
        for one in result.scaled
    ]
    return _rows("sampled and sent, a second", columns, rows)


def parts(result: Result) -> Rows:
    """Return what a collector holds, what the load balancer and Fargate count, what Honeycomb gets."""
    columns = ["tasks", "collector MiB", "kept s", "then MiB", "LCUs", "targets", "vCPU"]
    columns += ["events a month", "plan"]
    rows = [
        (
            str(one.tasks),
            amount(one.collector_mib),
            amount(one.away_seconds),
            amount(one.away_mib),
            amount(one.lcus),
            f"{limits.deployment_tasks(one.tasks):.0f}",
            f"{one.deployment_vcpus:,g}",
            amount(one.bill.events),
            one.bill.plan,
        )
        for one in result.scaled
    ]
    return _rows("each part", columns, rows)


def costs(result: Result) -> Rows:
    """Return a month's bill."""
    names = ("Fargate", "ALB", "NAT", "internet", "logs", "X-Ray", "Honeycomb")
    rows = []
    for one in result.scaled:
        bill = one.bill
        each = (bill.fargate, bill.load_balancer, bill.nat, bill.internet, bill.logs, bill.xray)
        all_parts = (*each, bill.honeycomb)
        shown = [money(cost) for cost in all_parts]
        rows.append((str(one.tasks), *shown, money(bill.total), money(bill.total / one.tasks)))
    return _rows(f"a month, {_priced(result)}", ["tasks", *names, "in all", "a task"], rows)


def ways(result: Result) -> Rows:
    """Return the head as it is, everything, and the gateway: a month of tracing, and failed requests seen."""
    columns = ["tasks", "failed/s", "head sees", "head", "everything", "gateway", "keeps", "that by head"]
    columns += ["gateways", "MiB"]
    rows = [
        (
            str(one.tasks),
            amount(one.errors),
            percent(one.head.errors_kept / one.errors) if one.errors else "none",
            money(one.head.cost),
            money(one.everything.cost),
            money(one.tail.cost),
            percent(one.tail.kept / one.everything.kept),
            money(one.same.cost),
            str(one.gateways),
            amount(one.held_mib),
        )
        for one in result.compared
    ]
    return _rows(f"tracing alone, a month, {_priced(result)}", columns, rows)


def simulated(result: Result) -> Rows | None:
    """Return the closed form beside what was drawn, in standard deviations; None where nothing was drawn."""
    if not result.drawn:
        return None
    columns = ["tasks", "seconds", "traces", "drawn", "off by", "gateway", "drawn", "off by"]
    rows = [
        (
            str(one.tasks),
            str(one.seconds),
            amount(one.head.expected),
            amount(one.head.found),
            f"{one.head.deviations:.1f} sd",
            amount(one.tail.expected),
            amount(one.tail.found),
            f"{one.tail.deviations:.1f} sd",
        )
        for one in result.drawn
    ]
    return _rows("closed form and simulation", columns, rows)


def tables(result: Result) -> list[Rows]:
    """Return all tables, in their order."""
    found = [sampling(result), parts(result), costs(result), ways(result), simulated(result)]
    return [rows for rows in found if rows is not None]


def _priced(result: Result) -> str:
    """Return what amounts of money are in, and whose prices AWS's are."""
    return f"{result.currency}, AWS in {result.tariff.aws.region}"


def _rows(title: str, columns: list[str], rows: Sequence[tuple[str, ...]]) -> Rows:
    return Rows(title, tuple(f">{name}" for name in columns), tuple(rows))


def findings(result: Result) -> Iterator[str]:
    """Yield what to compare with an account's own quota, passed limits, and from where on a gateway pays.

    Each limit is told at its first number of tasks; of vCPUs the largest number's are told.
    """
    most = max(result.scaled, key=lambda one: one.tasks)
    yield (
        f"{most.tasks} tasks: {most.deployment_vcpus:,g} vCPU while a deployment runs: compare with your"
        f" account's quota {limits.VCPU_QUOTA!r}: {limits.VCPU_QUOTA_DEFAULT} by default,"
        " new accounts may have less"
    )
    told = set()
    for one in result.scaled:
        for reached in one.reached:
            if reached.name not in told:
                told.add(reached.name)
                yield (
                    f"{one.tasks} tasks: {reached.name}: {amount(reached.needed)} of"
                    f" {amount(reached.limit)}: {reached.remedy}"
                )
    if not told:
        yield "no limit that is known here is passed"
    if result.pays_from is None:
        yield "a gateway never costs less than sending everything"
    else:
        least = "with any number of tasks" if result.pays_from == 1 else f"from {result.pays_from} tasks on"
        yield f"a gateway costs less than sending everything {least}"


def assumptions(result: Result) -> Iterator[str]:
    """Yield what the figures rest on."""
    load = result.load
    yield (
        f"a task: {load.requests_per_second:.3g} requests a second, {load.workers} workers,"
        f" {load.cpu / 1024:g} vCPU, {load.memory} MiB; a rule with"
        f" reservoir {load.reservoir} and rate {load.fixed_rate:g}"
    )
    yield (
        f"a trace: {load.spans:g} spans, {load.events:g} span events; a span: {sizes.OTLP_BYTES} bytes of"
        f" OTLP, {sizes.OTLP_WIRE_BYTES} gzipped, {sizes.XRAY_WIRE_BYTES} as X-Ray's document, and"
        f" {sizes.COLLECTOR_BYTES} in a collector (assumed)"
    )
    yield (
        f"assumed: {sizes.REQUEST_BYTES} bytes a request, {sizes.ANSWER_BYTES} an answer,"
        f" {REQUESTS_PER_CONNECTION} requests a connection of {CONNECTION_SECONDS} s, {sizes.LOG_BYTES} bytes"
        f" of log lines a request, {load.zones} zones, {load.nat_gateways} NAT gateway, no VPC endpoint"
    )
    yield (
        f"a gateway waits {tail.DECISION_SECONDS} s and keeps {percent(tail.REST_SHARE)} of the rest;"
        f" {percent(load.errors)} of requests fail, {percent(load.slow)} take long"
    )
    yield (
        "not reckoned: free tiers of AWS other than X-Ray's, Container Insights, alarms, images, VPC"
        " endpoints, taxes, discounts"
    )


def sources(result: Result) -> Iterator[str]:
    """Yield each price of AWS's with its day and its source."""
    for _, price in result.tariff.aws.named():
        told = f"; {price.assumption}" if price.assumption else ""
        yield (
            f"{result.currency} {price.amount:g} a {price.per}: {price.source}, read on {price.read_on}{told}"
        )
