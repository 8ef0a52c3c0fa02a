"""The two lists of rules that are set against each other: what the configuration means, what X-Ray has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xray.audit import Sender, decide, deciders, near
from xray.rules import ANY
from xray.sampling import DEFAULT_RULE, DEFAULT_RULE_NAME, SamplingRule, wildcard_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xray.audit import Route
    from xray.traces import TraceFacts

_ONE_CHARACTER = "x"


@dataclass(frozen=True)
class Decision:
    """What decides one route's requests of one sender: as the configuration means it, and as it is."""

    route: Route
    sender: Sender
    meant: SamplingRule
    found: SamplingRule

    @property
    def is_right(self) -> bool:
        """Tell whether that is one rule, with one rate and reservoir; Default's are nobody's to ask for."""
        if self.meant.rule_name != self.found.rule_name:
            return False
        return self.meant.rule_name == DEFAULT_RULE_NAME or _figures(self.meant) == _figures(self.found)


class RuleLists:
    """The rules *asked* for and those *found*, for a backend that reports as *service_name*.

    *main* is the rule that is this backend's by its name, whatever it matches. Default's figures are X-Ray's.
    """

    def __init__(
        self, asked: Iterable[SamplingRule], found: Iterable[SamplingRule], *, service_name: str, main: str
    ) -> None:
        self.asked = {rule.rule_name: rule for rule in asked}
        self.found = {DEFAULT_RULE_NAME: DEFAULT_RULE, **{rule.rule_name: rule for rule in found}}
        self.service_name = service_name
        self._main = main
        self.meant = {name: self._meant(rule) for name, rule in self.asked.items()}

    @property
    def missing(self) -> list[str]:
        """The rules that are asked for and not there."""
        return [name for name in self.asked if name not in self.found]

    @property
    def ours(self) -> dict[str, SamplingRule]:
        """The rules that are asked for, as X-Ray has them."""
        return {name: rule for name, rule in self.found.items() if name in self.asked}

    def is_for_us(self, rule: SamplingRule) -> bool:
        """Tell whether a rule's service is this one, by its pattern."""
        return wildcard_match(rule.service_name, self.service_name)

    def is_mistaken(self, name: str) -> bool:
        """Tell whether a rule that is asked for is meant for this service and written for another."""
        return self.meant[name] != self.asked[name]

    def decisions(self, routes: Sequence[Route], senders: Sequence[Sender]) -> list[Decision]:
        """Return who decides, for each route and sender."""
        meant = [*self.meant.values(), self.found[DEFAULT_RULE_NAME]]
        found = list(self.found.values())
        # Both lists end with Default, so that some rule always decides.
        return [
            Decision(
                route,
                sender,
                decide(meant, sender, route) or DEFAULT_RULE,
                decide(found, sender, route) or DEFAULT_RULE,
            )
            for route in routes
            for sender in senders
        ]

    def takings(self, routes: Iterable[Route]) -> list[Decision]:
        """Return where a rule that isn't asked for may decide, for each route.

        That is so for requests of hosts, types and paths that nothing is known of: a rule without a rate
        takes its requests before any trace could tell of them. The senders have what such a rule asks for.
        """
        meant, unknown = list(self.meant.values()), Sender(self.service_name)
        found = []
        for route in routes:
            for rule in deciders(self.found.values(), unknown, route):
                if rule.rule_name in self.asked or rule.rule_name == DEFAULT_RULE_NAME:
                    continue
                sender = Sender(self.service_name, _asked(rule.service_type), _asked(rule.host))
                found.append(Decision(route, sender, decide(meant, sender, route) or DEFAULT_RULE, rule))
        return found

    def seen(self, traces: Iterable[TraceFacts]) -> list[Sender]:
        """Return what the backend's requests were told by, as far as its *traces* tell."""
        return list(dict.fromkeys(one for facts in traces for one in _seen(facts, self.service_name)))

    def senders(self, seen: Iterable[Sender]) -> list[Sender]:
        """Return what the backend's requests may be told by.

        First nothing but the service's name. Then the types and hosts that were *seen*, and such as the rules
        that are asked for name.
        """
        found = [Sender(self.service_name), *seen]
        for rule in self.asked.values():
            kind, host = (text and _example(text) for text in (_asked(rule.service_type), _asked(rule.host)))
            found.append(Sender(self.service_name, kind, host))
        return list(dict.fromkeys(found))

    def _meant(self, rule: SamplingRule) -> SamplingRule:
        is_meant = rule.rule_name == self._main or near(rule.service_name, [self.service_name]) is not None
        if self.is_for_us(rule) or not is_meant:
            return rule
        return replace(rule, service_name=self.service_name)


def counted(rules: Mapping[str, SamplingRule]) -> int:
    """Return how many of *rules* count for X-Ray's quota: all but Default."""
    return len(rules.keys() - {DEFAULT_RULE_NAME})


def _figures(rule: SamplingRule) -> tuple[int, float]:
    return rule.reservoir_size, rule.fixed_rate


def _seen(facts: TraceFacts, service_name: str) -> Iterable[Sender]:
    for service in facts.services:
        if service.name == service_name and not service.inferred:
            yield Sender(service_name, service.type, _host(service.http_url))


def _host(url: str | None) -> str | None:
    """Return a URL's host with its port, as the sampler is told it; None where there is none."""
    _, found, rest = (url or "").partition("://")
    return (rest.split("/", 1)[0].split("?", 1)[0] or None) if found else None


def _asked(pattern: str) -> str | None:
    """Return what a rule asks for, None where anything will do."""
    return None if pattern == ANY else pattern


def _example(pattern: str) -> str:
    """Return a text that a pattern matches."""
    return pattern.replace("*", "").replace("?", _ONE_CHARACTER)
