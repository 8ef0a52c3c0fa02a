"""The checks of effect as parts of a verification."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scripts import routes
from scripts.aws import FAILURES
from scripts.forecast.rules import configured
from scripts.verify.effect import collector, daemon, group, groups, policies, rules, traces
from scripts.verify.effect.once import Once
from scripts.verify.effect.rule_lists import RuleLists
from xray.sampling import SamplingRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import GroupTypeDef

    from scripts.terragrunt.render import Target
    from scripts.verify import expected
    from scripts.verify.check import Result
    from scripts.verify.effect.rule_lists import Decision
    from scripts.verify.engine import Part
    from xray.traces import TraceFacts

_OF_RULES = {
    "xray.rule.service": rules.OF_SERVICE,
    "xray.rule.default": rules.OF_DEFAULT,
    "xray.rule.sampled": "some requests are sampled",
    "xray.rule.shadowed": "no rule is shadowed",
    "xray.rule.ignored": "clients obey each rule",
    "xray.rule.priority": "no two rules of one priority for the same requests",
    "xray.rule.unmatched": "each rule decides some request",
    "xray.rule.limit": rules.OF_LIMIT,
}


def of_group(
    client: XRayClient,
    asked: expected.Group,
    target: Target,
    found: Callable[[], GroupTypeDef | None],
    recent: Callable[[], Sequence[TraceFacts]],
    again: str,
) -> list[Part]:
    """Return the parts that look at what the group takes; *found* asks for the group, *recent* for traces."""
    service = target.service_name

    def effect() -> list[Result]:
        # Asked for whatever the group is: that traces can't be read is told here alone.
        real = recent()
        result = group.effect_result(
            found(), asked, service, routes.served(), real, partial(groups.named_groups, client), again
        )
        return [] if result is None else [result]

    def nodes() -> list[Result]:
        result = group.nodes_result(found(), asked, service, traces.graph_names(client), again)
        return [] if result is None else [result]

    return [
        ({"xray.group.effect": group.effect_expectation(service)}, effect),
        ({"xray.group.nodes": "X-Ray saw the services that the filter names"}, nodes),
    ]


def of_rules(
    asked: expected.XRay,
    target: Target,
    main: str,
    found: Callable[[], Mapping[str, Mapping[str, Any]]],
    recent: Callable[[], Sequence[TraceFacts]],
    again: str,
) -> Part:
    """Return the part that looks at who decides what; *found* asks for all rules, *recent* for traces.

    *main* is the name of the rule that is the backend's. Raises OperatorError for rules that are asked for
    and that X-Ray would refuse.
    """
    wanted, served = configured(asked), routes.served()

    def seen() -> Sequence[TraceFacts]:
        try:
            return recent()
        except FAILURES:
            # Told by the group's effect. Without traces nothing is known of the hosts of requests.
            return ()

    def work() -> list[Result]:
        there = [SamplingRule.from_api(rule) for rule in found().values()]
        lists = RuleLists(wanted, there, service_name=target.service_name, main=main)
        real = lists.seen(seen())
        decisions: list[Decision] = lists.decisions(served, lists.senders(real))
        return [
            *rules.effective_results(lists, decisions + lists.takings(served), again),
            rules.service_result(lists, again),
            rules.default_result(lists, served, real, again),
            rules.sampled_result(lists, decisions, again),
            rules.shadowed_result(lists, again),
            rules.ignored_result(lists, again, allowed=asked.allows_ignored_rules),
            rules.priority_result(lists, again),
            rules.unmatched_result(lists, routes.requested(), again),
            rules.limit_result(lists),
        ]

    of_routes = {rules.effective_id(route): "the rule that the configuration means" for route in served}
    return {**of_routes, **_OF_RULES}, work


def of_traces(client: XRayClient, target: Target) -> Once[list[TraceFacts]]:
    """Return what asks X-Ray, once, for traces of the last hour."""
    return Once(lambda: traces.recent(client, target.service_name, target.account_id))


def of_policies(client: XRayClient, target: Target) -> Part:
    """Return the part that looks at X-Ray's resource policies. Raises OperatorError for a wrong setting."""
    names = policies.known(target)
    return (
        {policies.CHECK_ID: policies.expectation(names)},
        lambda: [policies.policies_result(client, names)],
    )


def of_senders(variables: Mapping[str, str], target: Target) -> list[Part]:
    """Return the parts that look at the daemon and the collector that *variables* name, where they do."""
    parts: list[Part] = []
    address = variables.get(daemon.VARIABLE)
    if address:
        parts.append(
            ({daemon.CHECK_ID: daemon.expectation(target)}, lambda: [daemon.daemon_result(address, target)])
        )
    url = collector.url_of(variables)
    if url is not None:
        parts.append(
            ({collector.CHECK_ID: collector.expectation(url)}, lambda: [collector.collector_result(url)])
        )
    return parts
