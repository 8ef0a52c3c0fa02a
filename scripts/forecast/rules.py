"""The lists of rules that are set against each other: proposed, and applied now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts import preflight
from scripts.aws import FAILURES, clients
from scripts.errors import OperatorError, explain
from scripts.verify.xray import rules_of
from xray.sampling import (
    DEFAULT_RULE,
    SamplingRule,
    ignored_by_sdks,
    sort_rules,
    validate_rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.environment import Environment
    from scripts.terragrunt.render import Target
    from scripts.verify.expected import XRay


@dataclass(frozen=True)
class Applied:
    """The rules that X-Ray has now, or why it could not be asked."""

    rules: tuple[SamplingRule, ...] | None
    problem: str = ""


@dataclass(frozen=True)
class RuleLists:
    """Both lists in the order in which they are asked, with what is to be said about them."""

    proposed: tuple[SamplingRule, ...]
    applied: tuple[SamplingRule, ...] | None
    notes: tuple[str, ...] = field(default=())


def configured(asked: XRay) -> list[SamplingRule]:
    """Return the rules that the xray unit asks for. Raises OperatorError for what X-Ray would refuse."""
    rules = []
    for name, members in asked.rules.items():
        try:
            rule = SamplingRule.from_api({**members, "RuleName": name})
        except ValueError as error:
            raise OperatorError(str(error), remedy="correct env.hcl") from error
        problems = validate_rule(rule)
        if problems:
            raise OperatorError(f"sampling rule {name}: {'; '.join(problems)}", remedy="correct env.hcl")
        rules.append(rule)
    return rules


def ask(environment: Environment, target: Target) -> Applied:
    """Return the rules that X-Ray has now, of the right account; or the reason why they aren't known."""
    try:
        preflight.check(environment, target)
        found = rules_of(clients(target.region).xray())
        return Applied(tuple(SamplingRule.from_api(rule) for rule in found.values()))
    except OperatorError as error:
        return Applied(None, error.message)
    except FAILURES as error:
        return Applied(None, explain(error, local=environment.is_local).message)
    except (ValueError, KeyError) as error:
        return Applied(None, f"X-Ray's answer can't be read ({error})")


def lists(wanted: Iterable[SamplingRule], applied: Applied, prefix: str) -> RuleLists:
    """Return both lists: proposed is what X-Ray has after an apply.

    Default, and others' rules in the same account, stay as they are. What begins with *prefix* and isn't
    wanted is taken as ours: an apply removes it.
    """
    rules = {rule.rule_name: rule for rule in wanted}
    notes = []
    if applied.rules is None:
        notes.append(f"the rules applied now are not known: {applied.problem}")
        rules[DEFAULT_RULE.rule_name] = DEFAULT_RULE
        notes.append("Default is taken as X-Ray makes it: 1 a second and 5 %")
    else:
        there = {rule.rule_name: rule for rule in applied.rules}
        there.setdefault(DEFAULT_RULE.rule_name, DEFAULT_RULE)
        removed = [name for name in there if name not in rules and name.startswith(prefix)]
        if removed:
            notes.append(f"taken as removed by an apply: {', '.join(sorted(removed))}")
        rules |= {name: rule for name, rule in there.items() if name not in rules and name not in removed}
    for rule in sort_rules(rules.values()):
        why = ignored_by_sdks(rule)
        if why:
            notes.append(f"{rule.rule_name} decides nothing: {why}")
    now = None if applied.rules is None else tuple(sort_rules(_with_default(applied.rules)))
    return RuleLists(tuple(sort_rules(rules.values())), now, tuple(notes))


def _with_default(rules: Iterable[SamplingRule]) -> list[SamplingRule]:
    return list({DEFAULT_RULE.rule_name: DEFAULT_RULE, **{rule.rule_name: rule for rule in rules}}.values())
