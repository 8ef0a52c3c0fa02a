"""Requests that neither the rules nor the report tell apart: one class, counted as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.forecast.routes import NOT_FOUND, OTHERS, route_of
from xray.sampling import SamplingRequest, ignored_by_sdks, matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xray.sampling import SamplingRule

CLASSES_MAX = 2000
"""Further routes, such as a scanner's made-up paths, are taken as one for each method."""


@dataclass(frozen=True)
class Service:
    """Who serves: what a rule's service name and type are matched against; a host where the log has none."""

    name: str
    type: str = ""
    host: str = ""


@dataclass
class RequestClass:
    """A route, and which rule of each known list decides it.

    `example` is one of its requests, `is_error` says that they were answered 5xx, and `requests` is their
    number, over the whole traffic.
    """

    route: str
    example: SamplingRequest
    decided_by: tuple[str, ...]
    is_error: bool = False
    requests: float = 0


@dataclass
class Classes:
    """The classes met so far, of requests to `service` under several lists of rules, each in its order."""

    service: Service
    rule_lists: Sequence[Sequence[SamplingRule]]
    met: list[RequestClass] = field(default_factory=list)
    folded: int = 0

    def __post_init__(self) -> None:
        """Leave out what SDKs pass over: it decides nothing."""
        self._followed = [
            [rule for rule in rules if ignored_by_sdks(rule) is None] for rules in self.rule_lists
        ]
        self._numbers: dict[tuple[str, tuple[str, ...], bool], int] = {}

    def number_of(self, method: str, host: str, path: str, status: str = "") -> int:
        """Return the class of a request; its status, where it is known, has three digits."""
        request = SamplingRequest(
            self.service.name, self.service.type, host or self.service.host, method, path
        )
        decided_by = tuple(rule_for(rules, request) for rules in self._followed)
        route = f"{method[:10]} {NOT_FOUND}" if status == "404" else route_of(method, path)
        is_error = status.startswith("5")
        number = self._numbers.get((route, decided_by, is_error))
        if number is None and len(self.met) >= CLASSES_MAX:
            self.folded += 1
            route = f"{method[:10]} {OTHERS}"
            number = self._numbers.get((route, decided_by, is_error))
        if number is None:
            number = self._numbers[route, decided_by, is_error] = len(self.met)
            self.met.append(RequestClass(route, request, decided_by, is_error))
        return number


def rule_for(rules: Sequence[SamplingRule], request: SamplingRequest) -> str:
    """Return the name of the first rule that matches; a list that ends with Default always has one."""
    return next((rule.rule_name for rule in rules if matches(rule, request)), "")
