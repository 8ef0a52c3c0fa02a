"""All checks of one configuration and its plans, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scripts.check import cost, groups, naming, plans, rules
from scripts.check.planned import left_by
from scripts.check.subject import configured
from scripts.plain import plain
from xray.audit import Sender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.check.cost import Terms
    from scripts.check.plan_file import Plan
    from scripts.check.subject import Subject
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

TEXT_MAX_CHARACTERS = 2000


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
    asked = configured(units)
    sender = Sender(asked.service_name, service_type or None, host or None)
    found = _of(asked, sender)
    planned = None
    if given:
        planned = left_by(given, asked)
        found += [] if planned is None else _of(planned, sender)
        found += plans.results(given, may_destroy=may_destroy)
    has_rules = planned is not None and (planned.rules or planned.broken or planned.unknown)
    found.append(cost.result(planned if planned is not None and has_rules else asked, sender, terms))
    return [_printable(result) for result in found]


def _printable(result: Result) -> Result:
    """Return a result whose texts, made of what anybody wrote, can be shown anywhere, and are no book."""
    return replace(
        result,
        id=plain(result.id),
        expected=_short(result.expected),
        actual=_short(result.actual),
        remedy=_short(result.remedy),
    )


def _short(text: str) -> str:
    shown = plain(text)
    return shown if len(shown) <= TEXT_MAX_CHARACTERS else f"{shown[: TEXT_MAX_CHARACTERS - 1]}…"


def _of(subject: Subject, sender: Sender) -> list[Result]:
    has_rules = subject.prefix == "" or subject.rules or subject.broken or subject.unknown
    return [
        *groups.results(subject),
        *(rules.results(subject, sender) if has_rules else []),
        *naming.results(subject),
    ]
