"""X-Ray's limits for a sampling rule (source: the X-Ray API model, SamplingRule)."""

import math

from xray.names import RULE_NAME_MAX_CHARACTERS
from xray.rules import DEFAULT_RULE_NAME, DEFAULT_RULE_PRIORITY, SamplingRule

RULES_MAX = 25
"""Beside Default, for an account and region (source: docs.aws.amazon.com/general/latest/gr/xray.html)."""
PRIORITY_RANGE = (1, 9999)
ATTRIBUTES_MAX = 5
ATTRIBUTE_MAX_CHARACTERS = 32
FIELD_MAX_CHARACTERS = {
    "resource_arn": 500,
    "service_name": 64,
    "service_type": 64,
    "host": 64,
    "http_method": 10,
    "url_path": 128,
}


def validate_rule(rule: SamplingRule) -> list[str]:
    """Return every problem that X-Ray would refuse `rule` for, each naming the limit; else nothing."""
    problems = []
    if not 1 <= len(rule.rule_name) <= RULE_NAME_MAX_CHARACTERS:
        problems.append(
            f"rule_name has {len(rule.rule_name)} characters, allowed are 1 to {RULE_NAME_MAX_CHARACTERS}"
        )
    low, high = PRIORITY_RANGE
    is_default = rule.rule_name == DEFAULT_RULE_NAME and rule.priority == DEFAULT_RULE_PRIORITY
    if not (low <= rule.priority <= high or is_default):
        problems.append(f"priority is {rule.priority}, allowed are {low} to {high}")
    if not math.isfinite(rule.fixed_rate) or not 0 <= rule.fixed_rate <= 1:
        problems.append(f"fixed_rate is {rule.fixed_rate}, allowed are 0 to 1")
    if rule.reservoir_size < 0:
        problems.append(f"reservoir_size is {rule.reservoir_size}, allowed are 0 and more")
    if rule.version < 1:
        problems.append(f"version is {rule.version}, allowed are 1 and more")
    for name, limit in FIELD_MAX_CHARACTERS.items():
        length = len(getattr(rule, name))
        if length > limit:
            problems.append(f"{name} has {length} characters, allowed are at most {limit}")
    problems += _attribute_problems(rule)
    return problems


def _attribute_problems(rule: SamplingRule) -> list[str]:
    problems = []
    if len(rule.attributes) > ATTRIBUTES_MAX:
        problems.append(
            f"attributes has {len(rule.attributes)} entries, allowed are at most {ATTRIBUTES_MAX}"
        )
    for key, value in rule.attributes.items():
        for part, text in (("key", key), ("value", value)):
            if not 1 <= len(text) <= ATTRIBUTE_MAX_CHARACTERS:
                problems.append(
                    f"attributes: {part} {text[:40]!r} has {len(text)} characters,"
                    f" allowed are 1 to {ATTRIBUTE_MAX_CHARACTERS}"
                )
    return problems
