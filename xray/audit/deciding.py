"""Which rule a backend's requests fall under, route by route."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xray.audit.patterns import covers, overlap
from xray.sampling import (
    DEFAULT_RULE_NAME,
    SamplingRequest,
    SamplingRule,
    find_rule,
    ignored_by_sdks,
    sort_rules,
)


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a backend.

    `path` is that of one of its requests. `pattern` is, as a rule writes it, what all of their paths match
    (`/api/activities/@*`); empty: the path alone. `name` is what people call the route; empty: by its path.
    """

    method: str
    path: str
    pattern: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Sender:
    """What a backend tells its sampler of itself; `host` is what its requests are for.

    A type or host that isn't known is None: it decides as an empty one, which only `*` matches, but no rule
    that asks for one is called unmatched for it.
    """

    service_name: str
    service_type: str | None = None
    host: str | None = None


def decide(rules: Iterable[SamplingRule], sender: Sender, route: Route) -> SamplingRule | None:
    """Return the rule that decides a request of the route, as SDKs find it.

    That is by priority, then by name, without those that SDKs pass over, Default last. None only where no
    rule matches, which a list with Default never leads to.
    """
    request = SamplingRequest(
        sender.service_name, sender.service_type or "", sender.host or "", route.method, route.path
    )
    return find_rule(sort_rules(rules), request)


def deciders(rules: Iterable[SamplingRule], sender: Sender, route: Route) -> list[SamplingRule]:
    """Return the rules that may decide a request of the route, in the order in which they are asked.

    The last one is the first that is known to take all that is left; the others take some, by their host,
    service type or path.
    """
    found = []
    for rule in sort_rules(rules):
        if ignored_by_sdks(rule) is None and _may_match(rule, sender, route):
            found.append(rule)
            if _takes(rule, sender, route):
                break
    return found


def left_to_default(
    rules: Iterable[SamplingRule], sender: Sender, routes: Iterable[Route]
) -> tuple[list[Route], list[Route]]:
    """Return the routes that Default decides, and those of which it may decide some requests.

    Those of the second list depend on a host, service type or path that isn't known. Default is a rule of
    the whole account: what comes to it is nobody's choice, whatever its figures are.
    """
    every = sort_rules(rules)
    whole, in_part = [], []
    for route in routes:
        names = [rule.rule_name for rule in deciders(every, sender, route)]
        if names[:1] == [DEFAULT_RULE_NAME]:
            whole.append(route)
        elif DEFAULT_RULE_NAME in names:
            in_part.append(route)
    return whole, in_part


def unmatched(rules: Iterable[SamplingRule], sender: Sender, routes: Sequence[Route]) -> list[SamplingRule]:
    """Return the rules that none of the sender's requests falls under, in the order in which rules are asked.

    A rule isn't among them where a request might fall under it that no single earlier rule is known to take.
    Default, and rules that SDKs pass over, are never among them.
    """
    every = sort_rules(rules)
    found = {rule.rule_name for route in routes for rule in deciders(every, sender, route)}
    return [
        rule
        for rule in every
        if ignored_by_sdks(rule) is None and rule.rule_name not in {*found, DEFAULT_RULE_NAME}
    ]


def _may_match(rule: SamplingRule, sender: Sender, route: Route) -> bool:
    """Tell whether a request of the route may match."""
    return (
        overlap(rule.service_name, sender.service_name)
        and (sender.service_type is None or overlap(rule.service_type, sender.service_type))
        and (sender.host is None or overlap(rule.host, sender.host))
        and overlap(rule.http_method, route.method)
        and overlap(rule.url_path, route.pattern or route.path)
    )


def _takes(rule: SamplingRule, sender: Sender, route: Route) -> bool:
    """Tell whether every request of the route is known to match."""
    return (
        covers(rule.service_name, sender.service_name)
        and covers(rule.service_type, "*" if sender.service_type is None else sender.service_type)
        and covers(rule.host, "*" if sender.host is None else sender.host)
        and covers(rule.http_method, route.method)
        and covers(rule.url_path, route.pattern or route.path)
    )
