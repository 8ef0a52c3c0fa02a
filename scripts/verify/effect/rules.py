"""Which sampling rule really decides the backend's requests, route by route, and what is left of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.verify.check import Result, Status, failed, passed
from scripts.verify.effect.rule_lists import RuleLists, counted
from xray.audit import Sender, ignored, left_to_default, meet, of_others, shadowed, ties, unmatched
from xray.sampling import DEFAULT_RULE_NAME, RULES_MAX

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scripts.verify.effect.rule_lists import Decision
    from xray.audit import Route
    from xray.sampling import SamplingRule

OF_SERVICE = "each rule's service_name is the backend's"
OF_DEFAULT = "decides no route"
OF_LIMIT = "room for the rules that are asked for"
ROUTES_SHOWN = 3
_CORRECT = "correct sampling_rules in env.hcl"


def effective_id(route: Route) -> str:
    """Return the id of a route's check."""
    return f"xray.rule.effective.{route}"


def effective_results(lists: RuleLists, decisions: Sequence[Decision], again: str) -> list[Result]:
    """Return for each route whether the rule that the configuration means decides it, with its figures.

    *again* is the remedy where X-Ray's rules aren't those asked for.
    """
    results = []
    of_routes: dict[Route, list[Decision]] = {}
    for decision in decisions:
        of_routes.setdefault(decision.route, []).append(decision)
    for route, of_senders in of_routes.items():
        wrong = next((decision for decision in of_senders if not decision.is_right), None)
        shown = wrong or of_senders[0]
        meant, found = _told(shown.meant), _told(shown.found) + _where(shown)
        if wrong is None:
            results.append(passed(effective_id(route), meant, _told(shown.found)))
        else:
            results.append(failed(effective_id(route), meant, found, _remedy(lists, wrong, again)))
    return results


def service_result(lists: RuleLists, again: str) -> Result:
    """Return whether each rule that is asked for is one for this service, as asked for and as it is."""
    check_id = "xray.rule.service"
    asked = {rule.rule_name: rule for rule in of_others(lists.asked.values(), lists.service_name)}
    found = {rule.rule_name: rule for rule in of_others(lists.ours.values(), lists.service_name)}
    wrong = {**asked, **found}
    if not wrong:
        return _none(lists, check_id, OF_SERVICE, f"in all of {len(lists.asked)}", again)
    actual = "; ".join(f"{name} is for {rule.service_name}" for name, rule in wrong.items())
    remedy = _other_service(lists, next(iter(asked)), again) if asked else again
    return failed(check_id, OF_SERVICE, actual, remedy)


def default_result(lists: RuleLists, routes: Sequence[Route], seen: Sequence[Sender], again: str) -> Result:
    """Return whether Default decides none of the routes, of what was *seen* or, before that, at all.

    Not told are routes of which it decides those requests alone that no rule's host, type or path takes.
    """
    check_id, senders = "xray.rule.default", seen or [Sender(lists.service_name)]
    rules = list(lists.found.values())
    of_senders = [(sender, *left_to_default(rules, sender, routes)) for sender in senders]
    whole = [(sender, route) for sender, left, _ in of_senders for route in left]
    in_part = [str(route) for _, _, left in of_senders for route in left]
    figures = _figures(lists.found[DEFAULT_RULE_NAME])
    wide = f"{_CORRECT}: have a rule for all requests of this service (url_path *), then {again}"
    if whole:
        actual = f"decides {_routes([str(route) for _, route in whole])}, {figures}"
        sender, route = whole[0]
        [first] = lists.decisions([route], [sender])
        remedy = wide if first.meant.rule_name == DEFAULT_RULE_NAME else _remedy(lists, first, again)
        return failed(check_id, OF_DEFAULT, actual, remedy)
    if in_part:
        actual = f"decides some requests, it may be, of {_routes(in_part)}, {figures}"
        return Result(check_id, Status.SKIP, OF_DEFAULT, actual, f"send the backend a request; or {wide}")
    return passed(check_id, OF_DEFAULT, OF_DEFAULT)


def sampled_result(lists: RuleLists, decisions: Sequence[Decision], again: str) -> Result:
    """Return whether any request is sampled at all.

    A rule without rate and reservoir leaves requests out; where such rules decide all, nothing is seen.
    """
    check_id, expected = "xray.rule.sampled", "some requests are sampled"
    deciding = list({one.found.rule_name: one.found for one in decisions}.values())
    sampling = [rule.rule_name for rule in deciding if rule.reservoir_size or rule.fixed_rate]
    if sampling:
        return _none(lists, check_id, expected, f"by {', '.join(sampling)}", again)
    names = ", ".join(rule.rule_name for rule in deciding)
    wrong = next((one for one in decisions if not one.is_right), None)
    remedy = f"{_CORRECT}: fixed_rate or reservoir_size, then {again}"
    if wrong is not None:
        remedy = _remedy(lists, wrong, again)
    return failed(check_id, expected, f"none: {names} leave all of them out", remedy)


def shadowed_result(lists: RuleLists, again: str) -> Result:
    """Return whether no rule of ours stands behind one that takes all of its requests."""
    found = [one for one in shadowed(lists.found.values()) if one.rule.rule_name in lists.asked]
    if not found:
        return _none(lists, "xray.rule.shadowed", "no rule is shadowed", "none", again)
    actual = "; ".join(
        f"{one.rule.rule_name} (priority {one.rule.priority}) by {one.by.rule_name} (priority "
        f"{one.by.priority})"
        for one in found
    )
    foreign = next((one.by for one in found if one.by.rule_name not in lists.asked), None)
    remedy = f"{_CORRECT}: the narrower rule needs the lower priority number"
    if foreign is not None:
        remedy = _against(foreign)
    elif _has_drifted(lists, [name for one in found for name in (one.rule.rule_name, one.by.rule_name)]):
        remedy = again
    return failed("xray.rule.shadowed", "no rule is shadowed", actual, remedy)


def ignored_result(lists: RuleLists, again: str, *, allowed: bool) -> Result:
    """Return whether clients obey each rule of ours; *allowed* is the configuration's leave for others."""
    check_id, expected = "xray.rule.ignored", "clients obey each rule"
    found = ignored(lists.ours.values())
    actual = "; ".join(f"{one.rule.rule_name}: {one.why}" for one in found)
    if found and not allowed:
        names = [one.rule.rule_name for one in found]
        remedy = again if _has_drifted(lists, names) else f"{_CORRECT}: leave that out of {', '.join(names)}"
        return failed(check_id, expected, actual, remedy)
    return _none(lists, check_id, expected, f"{actual} (allowed)" if found else expected, again)


def priority_result(lists: RuleLists, again: str) -> Result:
    """Return whether no rule of ours shares its priority with one that may take the same requests.

    Among such, names decide, which nobody reads from the priorities.
    """
    check_id, expected = "xray.rule.priority", "no two rules of one priority for the same requests"
    wrong = [(one, other) for same in ties(lists.found.values()) for one, other in _rivals(same, lists.asked)]
    if not wrong:
        return _none(lists, check_id, expected, "none", again)
    actual = "; ".join(
        f"{one.rule_name} and {other.rule_name} have {one.priority}, {one.rule_name} is asked first"
        for one, other in wrong
    )
    names = [rule.rule_name for pair in wrong for rule in pair if rule.rule_name in lists.asked]
    remedy = again if _has_drifted(lists, names) else f"{_CORRECT}: give {names[0]} a priority of its own"
    return failed(check_id, expected, actual, remedy)


def unmatched_result(lists: RuleLists, routes: Sequence[Route], again: str) -> Result:
    """Return whether some request falls under each rule of ours that is for this service.

    Shadowed rules are another check's.
    """
    check_id, expected = "xray.rule.unmatched", "each rule decides some request"
    told = {one.rule.rule_name for one in shadowed(lists.found.values())}
    found = [
        rule.rule_name
        for rule in unmatched(lists.found.values(), Sender(lists.service_name), routes)
        if rule.rule_name in lists.asked
        and rule.rule_name not in told
        and (lists.is_for_us(rule) or lists.is_mistaken(rule.rule_name))
    ]
    if not found:
        return _none(lists, check_id, expected, expected, again)
    mistaken = [name for name in found if lists.is_mistaken(name)]
    remedy = f"{_CORRECT}: method, path, host or priority of {', '.join(found)}"
    if mistaken:
        remedy = _other_service(lists, mistaken[0], again)
    elif _has_drifted(lists, found):
        remedy = again
    return failed(check_id, expected, f"no request of this backend falls under {', '.join(found)}", remedy)


def limit_result(lists: RuleLists) -> Result:
    """Return whether X-Ray's quota has room for the rules that are asked for and not there."""
    number, needed = counted(lists.found), len(lists.missing)
    actual = f"{number} of {RULES_MAX} rules"
    if not needed or number + needed <= RULES_MAX:
        return passed("xray.rule.limit", OF_LIMIT, actual)
    return failed(
        "xray.rule.limit",
        OF_LIMIT,
        f"{actual}, so that {', '.join(lists.missing)} can't be made",
        "remove rules that nobody needs, or ask AWS for a higher quota",
    )


def _none(lists: RuleLists, check_id: str, expected: str, actual: str, again: str) -> Result:
    """Return a pass, but nothing seen where a rule that is asked for isn't there to be looked at."""
    if lists.missing:
        return Result(check_id, Status.SKIP, expected, f"{', '.join(lists.missing)} not there", again)
    return passed(check_id, expected, actual)


def _remedy(lists: RuleLists, wrong: Decision, again: str) -> str:
    meant, found = wrong.meant.rule_name, wrong.found
    if meant in lists.missing:
        return again
    if found.rule_name != DEFAULT_RULE_NAME and found.rule_name not in lists.asked:
        return _against(found)
    if meant in lists.asked and lists.is_mistaken(meant):
        return _other_service(lists, meant, again)
    return again


def _other_service(lists: RuleLists, name: str, again: str) -> str:
    return (
        f"{name} is for service {lists.asked[name].service_name}, the backend reports as "
        f"{lists.service_name}: {_CORRECT}, then {again}"
    )


def _against(foreign: SamplingRule) -> str:
    return (
        f"{foreign.rule_name} is no rule of this configuration and is asked first (priority "
        f"{foreign.priority}): narrow or remove it, or give ours lower numbers"
    )


def _has_drifted(lists: RuleLists, names: Collection[str]) -> bool:
    return any(lists.found[name] != lists.asked[name] for name in names if name in lists.asked)


def _rivals(same: Sequence[SamplingRule], ours: Collection[str]) -> list[tuple[SamplingRule, SamplingRule]]:
    """Return the pairs among rules of one priority that may take the same requests and have one of ours."""
    return [
        (one, other)
        for place, one in enumerate(same)
        for other in same[place + 1 :]
        if (one.rule_name in ours or other.rule_name in ours) and meet(one, other)
    ]


def _told(rule: SamplingRule) -> str:
    return f"{rule.rule_name}: {_figures(rule)}"


def _figures(rule: SamplingRule) -> str:
    return f"{rule.reservoir_size} a second, then {rule.fixed_rate * 100:g} %"


def _where(decision: Decision) -> str:
    """Return which requests are meant, where those of another host or type are decided otherwise."""
    parts = {"host": decision.sender.host, "service type": decision.sender.service_type}
    told = ", ".join(f"{name} {value}" for name, value in parts.items() if value)
    return f" ({told})" if told else ""


def _routes(names: Sequence[str]) -> str:
    every = list(dict.fromkeys(names))
    if not every:
        return "no route"
    more = f" and {len(every) - ROUTES_SHOWN} more" if len(every) > ROUTES_SHOWN else ""
    return f"{len(every)} routes: {', '.join(every[:ROUTES_SHOWN])}{more}"
