"""Which sampling rule decides a request.

Source: "Configuring sampling rules" in the X-Ray developer guide.
"""

from collections.abc import Iterable

from xray.rule_limits import RULES_MAX, validate_rule
from xray.rules import (
    ANY,
    DEFAULT_RULE,
    DEFAULT_RULE_NAME,
    DEFAULT_RULE_PRIORITY,
    SUPPORTED_VERSION,
    SamplingRequest,
    SamplingRule,
)
from xray.wildcards import wildcard_match

__all__ = [
    "DEFAULT_RULE",
    "DEFAULT_RULE_NAME",
    "DEFAULT_RULE_PRIORITY",
    "RULES_MAX",
    "SamplingRequest",
    "SamplingRule",
    "find_rule",
    "ignored_by_sdks",
    "matches",
    "sort_rules",
    "validate_rule",
    "wildcard_match",
]


def matches(rule: SamplingRule, request: SamplingRequest) -> bool:
    """Tell whether every field of `rule` matches `request`. Case is ignored."""
    return (
        wildcard_match(rule.url_path, request.path)
        and wildcard_match(rule.service_name, request.service_name)
        and wildcard_match(rule.http_method, request.method)
        and wildcard_match(rule.host, request.host)
        and wildcard_match(rule.service_type, request.service_type)
    )


def sort_rules(rules: Iterable[SamplingRule]) -> list[SamplingRule]:
    """Return the rules in the order in which X-Ray asks them: priority, then name; Default is last."""
    return sorted(rules, key=lambda rule: (_is_default(rule), rule.priority, rule.rule_name))


def _is_default(rule: SamplingRule) -> bool:
    return rule.rule_name == DEFAULT_RULE_NAME


def ignored_by_sdks(rule: SamplingRule) -> str | None:
    """Return why SDKs pass over a rule without a word, or None for a rule that they follow."""
    if rule.version != SUPPORTED_VERSION:
        return f"version is {rule.version}; SDKs follow only version {SUPPORTED_VERSION}"
    if rule.resource_arn != ANY:
        return f"resource ARN is {rule.resource_arn}; SDKs follow only rules for *"
    if rule.attributes:
        return (
            f"attributes are set ({', '.join(sorted(rule.attributes))}); SDKs pass over rules with attributes"
        )
    return None


def find_rule(rules: Iterable[SamplingRule], request: SamplingRequest) -> SamplingRule | None:
    """Return the first rule that decides `request`, in the order given (see `sort_rules`).

    Rules that SDKs ignore are passed over. None only where no rule matches, which X-Ray's own list, ending
    with Default, never leads to.
    """
    for rule in rules:
        if ignored_by_sdks(rule) is None and matches(rule, request):
            return rule
    return None
