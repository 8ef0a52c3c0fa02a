"""Sampling rules: X-Ray's limits, whose requests they are for, and what decides in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import routes
from scripts.verify.check import Result, Status, failed, passed
from xray.audit import (
    Sender,
    deciders,
    ignored,
    left_to_default,
    near,
    of_others,
    rivals,
    shadowed,
    ties,
    unmatched,
)
from xray.rules import ANY
from xray.sampling import DEFAULT_RULE_NAME, RULES_MAX, validate_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.check.subject import Subject
    from xray.sampling import SamplingRule

_NAMED_MAX = 10


def results(subject: Subject, sender: Sender) -> list[Result]:
    """Return the checks of a list of rules, in a fixed order."""
    if subject.unknown:
        what = f"known after the apply: {'; '.join(subject.unknown)}"
        return [
            Result(f"{subject.prefix}xray.rule.{name}", Status.SKIP, wanted, what, "run `make verify` then")
            for name, wanted in _EXPECTED.items()
        ]
    followed = [rule for rule in subject.rules if rule.rule_name != DEFAULT_RULE_NAME]
    checks = (_limits, _service, _unmatched, _shadowed, _ignored, _priority, _default, _sampled)
    return [check(subject, followed, sender) for check in checks]


_EXPECTED = {
    "limits": f"at most {RULES_MAX} rules, each within X-Ray's limits",
    "service": "each rule's service_name is the backend's",
    "unmatched": "requests of the backend fall under each rule",
    "shadowed": "no rule behind one that takes all of its requests",
    "ignored": "no rule that SDKs pass over",
    "priority": "no two rules of one priority for the same requests",
    "default": "no route is left to Default",
    "sampled": "some requests are sampled",
}


def _result(subject: Subject, name: str, problems: Sequence[str], good: str, remedy: str) -> Result:
    check_id, expected = f"{subject.prefix}xray.rule.{name}", _EXPECTED[name]
    if not problems:
        return passed(check_id, expected, good)
    return failed(check_id, expected, listed(problems), f"{remedy} in {subject.place}")


def listed(texts: Sequence[object]) -> str:
    """Return the first ten as texts, and how many more there are."""
    more = len(texts) - _NAMED_MAX
    return "; ".join(map(str, texts[:_NAMED_MAX])) + (f"; and {more} more" if more > 0 else "")


def _limits(subject: Subject, rules: Sequence[SamplingRule], _: Sender) -> Result:
    problems = list(subject.broken)
    for rule in subject.rules:
        found = validate_rule(rule)
        if rule.rule_name == DEFAULT_RULE_NAME:
            found = ["X-Ray has a rule of this name"]
        problems += [f"{rule.rule_name}: {', '.join(found)}"] if found else []
    count = len(rules) + len(subject.broken)
    if count > RULES_MAX:
        problems.append(f"there are {count} rules")
    return _result(subject, "limits", problems, f"{count} rules", "correct sampling_rules")


def _service(subject: Subject, rules: Sequence[SamplingRule], sender: Sender) -> Result:
    problems, meant = [], []
    for rule in of_others(rules, sender.service_name):
        problems.append(f"{rule.rule_name} is for {rule.service_name}")
        if near(rule.service_name, [sender.service_name]):
            meant.append(rule.service_name)
    remedy = f"the backend reports as {sender.service_name}"
    if meant:
        remedy += f", which {meant[0]} was probably meant to be"
    return _result(
        subject, "service", problems, f"{sender.service_name} in all of {len(rules)}", f"{remedy}: correct it"
    )


def _unmatched(subject: Subject, rules: Sequence[SamplingRule], sender: Sender) -> Result:
    """Name rules that no route falls under; shadowed ones and other services' have checks of their own."""
    elsewhere = {one.rule.rule_name for one in shadowed(subject.with_default)}
    elsewhere |= {rule.rule_name for rule in of_others(rules, sender.service_name)}
    problems = [
        f"{rule.rule_name} ({_asks(rule)})"
        for rule in unmatched(subject.with_default, sender, routes.requested())
        if rule.rule_name not in elsewhere
    ]
    good = f"{len(routes.every())} routes, {len(rules)} rules"
    return _result(
        subject, "unmatched", problems, good, "correct http_method, url_path, host or service_type"
    )


def _asks(rule: SamplingRule) -> str:
    asked = ((name, getattr(rule, name)) for name in ("http_method", "url_path", "host", "service_type"))
    return ", ".join(f"{name}={value}" for name, value in asked if value != ANY) or "any request"


def _shadowed(subject: Subject, _: Sequence[SamplingRule], __: Sender) -> Result:
    problems = [
        f"{one.rule.rule_name} (priority {one.rule.priority}) behind {one.by.rule_name}"
        f" (priority {one.by.priority})"
        for one in shadowed(subject.with_default)
    ]
    return _result(
        subject, "shadowed", problems, "none", "give the narrower rule the smaller priority, or remove it,"
    )


def _ignored(subject: Subject, _: Sequence[SamplingRule], __: Sender) -> Result:
    problems = [f"{one.rule.rule_name}: {one.why}" for one in ignored(subject.rules)]
    if problems and subject.allows_ignored_rules:
        check_id = f"{subject.prefix}xray.rule.ignored"
        expected = "rules that SDKs pass over, as allow_rules_that_sdks_ignore says"
        return passed(check_id, expected, listed(problems))
    return _result(subject, "ignored", problems, "none", "leave attributes, resource_arn and version out")


def _priority(subject: Subject, _: Sequence[SamplingRule], __: Sender) -> Result:
    problems = [
        f"{met[0].priority}: {', '.join(rule.rule_name for rule in met)} (asked in this order)"
        for same in ties(subject.rules)
        if (met := rivals(same))
    ]
    return _result(subject, "priority", problems, "none", "give each a priority of its own")


def _default(subject: Subject, _: Sequence[SamplingRule], sender: Sender) -> Result:
    """Tell the routes that Default decides, and those of which it may decide some requests."""
    served = routes.served()
    left, in_part = left_to_default(subject.with_default, sender, served)
    if left:
        problems = [f"{len(left)} of {len(served)} routes: {listed([str(route) for route in left])}"]
        remedy = "have a rule for all requests of this service (url_path *)"
        return _result(subject, "default", problems, "", remedy)
    if in_part:
        check_id, what = (
            f"{subject.prefix}xray.rule.default",
            f"in part, it may be: {listed([str(route) for route in in_part])}",
        )
        remedy = "give HOST where rules ask for one; `make verify` tells it of the backend that runs"
        return Result(check_id, Status.SKIP, _EXPECTED["default"], what, remedy)
    return _result(subject, "default", [], f"none of {len(served)}", "")


def _sampled(subject: Subject, _: Sequence[SamplingRule], sender: Sender) -> Result:
    """A rule without rate and reservoir leaves requests out; where such rules decide all, nothing is seen."""
    deciding = {
        rule.rule_name: rule
        for route in routes.served()
        for rule in deciders(subject.with_default, sender, route)
    }
    sampling = [name for name, rule in deciding.items() if rule.reservoir_size or rule.fixed_rate]
    problems = [] if sampling else [f"none: {', '.join(deciding)} leave all of them out"]
    good = f"by {', '.join(sampling)}"
    return _result(subject, "sampled", problems, good, "correct fixed_rate or reservoir_size")
