"""The service graph: what X-Ray tells of services and of the calls between them, as figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_xray.type_defs import HistogramEntryTypeDef, ServiceTypeDef

CLIENT = "client"
PERCENTILE = 0.95


@dataclass(frozen=True)
class Figures:
    """What was counted of a service or of a call; seconds are None where nothing was measured."""

    requests: int
    errors: int
    faults: int
    mean: float | None
    percentile: float | None

    def rate(self, count: int) -> float | None:
        """Return *count* as a share of the requests, None without requests."""
        return count / self.requests if self.requests else None


@dataclass(frozen=True)
class Call:
    """A service calls another, known by its reference."""

    to: int
    figures: Figures
    kind: str = ""


@dataclass(frozen=True)
class Service:
    """A node of the graph."""

    reference: int
    name: str
    type: str
    root: bool
    figures: Figures
    calls: Sequence[Call] = field(default_factory=tuple)

    @property
    def label(self) -> str:
        """Its name, with its type where that says more."""
        return f"{self.name} ({self.type})" if self.type and self.type != self.name else self.name


@dataclass(frozen=True)
class Line:
    """One line of the drawn graph: a service, reached by *call*, or without one where the drawing begins.

    *lasts* tells for each step down to it whether it is the last of its kind. A service that was drawn
    *above* is not followed again, so that calls in a circle end.
    """

    service: Service
    call: Call | None
    lasts: tuple[bool, ...]
    above: bool


def read(services: Sequence[ServiceTypeDef]) -> dict[int, Service]:
    """Return the services by their references, in X-Ray's order."""
    found: dict[int, Service] = {}
    for position, one in enumerate(services):
        reference = one.get("ReferenceId", -1 - position)
        calls = [
            Call(edge["ReferenceId"], _figures(edge), str(edge.get("EdgeType") or ""))
            for edge in one.get("Edges", [])
            if "ReferenceId" in edge
        ]
        found[reference] = Service(
            reference,
            str(one.get("Name") or "?"),
            str(one.get("Type") or ""),
            bool(one.get("Root")),
            _figures(one),
            tuple(calls),
        )
    return found


def _figures(told: Mapping[str, Any]) -> Figures:
    statistics: Mapping[str, Any] = told.get("SummaryStatistics") or {}
    total = int(statistics.get("TotalCount", 0))
    return Figures(
        total,
        int((statistics.get("ErrorStatistics") or {}).get("TotalCount", 0)),
        int((statistics.get("FaultStatistics") or {}).get("TotalCount", 0)),
        statistics.get("TotalResponseTime", 0.0) / total if total else None,
        percentile(told.get("ResponseTimeHistogram") or []),
    )


def percentile(histogram: Sequence[HistogramEntryTypeDef], share: float = PERCENTILE) -> float | None:
    """Return the smallest value that *share* of all stay within; None of an empty histogram."""
    entries = sorted((float(one.get("Value", 0.0)), int(one.get("Count", 0))) for one in histogram)
    needed = math.ceil(share * sum(count for _, count in entries))
    for value, count in entries:
        needed -= count
        if count > 0 and needed <= 0:
            return value
    return None


def lines(services: Mapping[int, Service]) -> Iterator[Line]:
    """Yield the graph as a tree: from the clients down, then from what no client leads to.

    Each service's calls are followed once; each call is a line.
    """
    drawn: set[int] = set()
    for start in _starts(services):
        if start.reference in drawn:
            continue
        drawn.add(start.reference)
        yield Line(start, None, (), above=False)
        stack = _below(start, ())
        while stack:
            call, lasts = stack.pop()
            service = services.get(call.to)
            if service is None:
                continue
            above = service.reference in drawn
            yield Line(service, call, lasts, above=above)
            if not above:
                drawn.add(service.reference)
                stack += _below(service, lasts)


def _below(service: Service, lasts: tuple[bool, ...]) -> list[tuple[Call, tuple[bool, ...]]]:
    """Return *service*'s calls, the last first, each with its place."""
    calls = service.calls
    return [(call, (*lasts, place == len(calls) - 1)) for place, call in enumerate(calls)][::-1]


def _starts(services: Mapping[int, Service]) -> list[Service]:
    """Return the services in the order in which a drawing may begin with them."""
    called = {call.to for service in services.values() for call in service.calls if call.to in services}

    def order(service: Service) -> tuple[bool, bool, bool]:
        return service.type != CLIENT, service.reference in called, not service.root

    return sorted(services.values(), key=order)
