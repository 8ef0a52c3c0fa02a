"""All checks of one configuration and its plans, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scripts.check import cost, groups, naming, plans, rules
from scripts.check.planned import left_by
from scripts.check.subject import configured
from scripts.verify.printable import printable
from xray.audit import Sender
from xray.rule_limits import FIELD_MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.check.cost import Terms
    from scripts.check.plan_file import Plan
    from scripts.check.subject import Subject
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result
    from xray.sampling import SamplingRule


def run(
    units: Mapping[str, Unit],
    given: Sequence[Plan] = (),
    *,
    service_type: str = "",
    host: str = "",
    terms: Terms | None = None,
    may_destroy: bool = False,
) -> list[Result]:
    """Return what is found in the rendered *units*, and in what the plans *given* would leave.

    The cost is that of the rules which the plans leave, where they have any. Raises OperatorError for a unit
    that asks for something that there are no checks for, and for traffic that can't be read.
    """
    terms = cost.Terms() if terms is None else terms
    asked = _bounded(configured(units))
    sender = Sender(asked.service_name, service_type or None, host or None)
    found = _of(asked, sender)
    planned = None
    if given:
        left = left_by(given, asked)
        planned = None if left is None else _bounded(left)
        found += [] if planned is None else _of(planned, sender)
        found += plans.results(given, may_destroy=may_destroy)
    has_rules = planned is not None and (planned.rules or planned.broken or planned.unknown)
    found.append(cost.result(planned if planned is not None and has_rules else asked, sender, terms))
    return [printable(result) for result in found]


def _bounded(subject: Subject) -> Subject:
    """Return *subject* with the rules whose patterns are too long for X-Ray among the broken ones.

    X-Ray never has them, and to compare patterns of any length takes any time.
    """
    judged = [(rule, _too_long(rule)) for rule in subject.rules]
    broken = [f"{rule.rule_name}: {', '.join(problems)}" for rule, problems in judged if problems]
    rules = tuple(rule for rule, problems in judged if not problems)
    return replace(subject, rules=rules, broken=(*subject.broken, *broken))


def _too_long(rule: SamplingRule) -> list[str]:
    lengths = {name: len(getattr(rule, name)) for name in FIELD_MAX_CHARACTERS}
    return [
        f"{name} has {lengths[name]} characters, allowed are at most {limit}"
        for name, limit in FIELD_MAX_CHARACTERS.items()
        if lengths[name] > limit
    ]


def _of(subject: Subject, sender: Sender) -> list[Result]:
    has_rules = subject.prefix == "" or subject.rules or subject.broken or subject.unknown
    return [
        *groups.results(subject),
        *(rules.results(subject, sender) if has_rules else []),
        *naming.results(subject),
    ]
