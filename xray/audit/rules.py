"""What is wrong with rules whatever is requested: shadowed ones, ignored ones, equal priorities."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xray.audit.patterns import covers, overlap
from xray.sampling import DEFAULT_RULE_NAME, SamplingRule, ignored_by_sdks, sort_rules, wildcard_match

_FIELDS = ("service_name", "service_type", "host", "http_method", "url_path")


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A rule that decides nothing: every request that matches it matches `by`, which is asked before it."""

    rule: SamplingRule
    by: SamplingRule


@dataclass(frozen=True, slots=True)
class Ignored:
    """A rule that no client obeys, and why."""

    rule: SamplingRule
    why: str


def shadowed(rules: Iterable[SamplingRule]) -> list[Shadowed]:
    """Return the rules all of whose requests one earlier rule is known to take, with the first such.

    Each one named is proven to be. Not found are rules that only several earlier ones together leave nothing
    to, and such as match only what never is requested. Default is there for what is left and is never named;
    rules that SDKs pass over are `ignored`, and neither shadow nor are shadowed.
    """
    found = []
    earlier: list[SamplingRule] = []
    for rule in sort_rules(rules):
        if ignored_by_sdks(rule) is not None:
            continue
        by = next((one for one in earlier if _covers(one, rule)), None)
        if by is not None and rule.rule_name != DEFAULT_RULE_NAME:
            found.append(Shadowed(rule, by))
        earlier.append(rule)
    return found


def _covers(wide: SamplingRule, narrow: SamplingRule) -> bool:
    return all(covers(getattr(wide, field), getattr(narrow, field)) for field in _FIELDS)


def ignored(rules: Iterable[SamplingRule]) -> list[Ignored]:
    """Return the rules that SDKs pass over without a word, in the order in which rules are asked."""
    return [Ignored(rule, why) for rule in sort_rules(rules) if (why := ignored_by_sdks(rule)) is not None]


def of_others(rules: Iterable[SamplingRule], service_name: str) -> list[SamplingRule]:
    """Return the rules that no request of a service falls under, by their `service_name`, in their order."""
    return [rule for rule in rules if not wildcard_match(rule.service_name, service_name)]


def ties(rules: Iterable[SamplingRule]) -> list[tuple[SamplingRule, ...]]:
    """Return the rules that share a priority, two or more together: among them, their names decide.

    Each has the order in which SDKs ask them. Rules that SDKs pass over don't count.
    """
    found: dict[int, list[SamplingRule]] = {}
    for rule in sort_rules(rules):
        if ignored_by_sdks(rule) is None:
            found.setdefault(rule.priority, []).append(rule)
    return [tuple(same) for same in found.values() if len(same) > 1]


def rivals(same: Sequence[SamplingRule]) -> list[SamplingRule]:
    """Return those of `same` that some request matches together with another one of them, in their order.

    Of rules that share a priority these are the ones among which names decide; the others never meet.
    """
    return [one for one in same if any(meet(one, other) for other in same if other is not one)]


def meet(one: SamplingRule, other: SamplingRule) -> bool:
    """Tell whether there is a request that both rules match."""
    return all(overlap(getattr(one, field), getattr(other, field)) for field in _FIELDS)
