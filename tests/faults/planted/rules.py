"""Sampling rules: whose they are, which of them decides, and what they leave to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Found
from tests.faults.planted.ids import APPLY, EFFECTIVE, HEALTH_RULE, HOME, OF_HEALTH, OF_LISTS, RULE
from tests.faults.world import HEALTH, NAME

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_EXTRA = {"priority": 100, "reservoir_size": 1, "fixed_rate": 1.0}
_IS_FIRST = "is no rule of this configuration and is asked first"
_LEFT = Found("Default: 1 a second, then 5 %", APPLY)
_ALL_LEFT = Found("decides 11 routes", APPLY)


def _adds(**rule: object) -> dict[str, object]:
    return {"extra": {**_EXTRA, **rule}}


def _fills_the_account(hand: Hand) -> None:
    hand.removes_rule(HEALTH)
    for number in range(24):
        hand.adds_rule(f"team-{number}", ServiceName=f"team-{number}", Priority=100 + number)


FAULTS = (
    Fault(
        "rule-for-Cruddur",
        "Wrote the rule for service Cruddur, which is what people call the product.",
        lambda hand: hand.asks(sampling_rules={"service": {"service_name": "Cruddur"}}).applies(),
        {
            HOME: Found(
                "Default: 1 a second, then 5 %",
                f"{NAME} is for service Cruddur, the backend reports as {NAME}: correct sampling_rules",
            ),
            "xray.rule.service": Found(f"{NAME} is for Cruddur", f"the backend reports as {NAME}"),
            "xray.rule.default": Found("decides 11 routes", f"the backend reports as {NAME}"),
            "xray.rule.unmatched": Found(NAME, "is for service Cruddur"),
        },
        also=(EFFECTIVE,),
    ),
    Fault(
        "rule-for-backend-flash",
        "Typed backend-flash in the rule.",
        lambda hand: hand.asks(
            service_name="backend-flask", sampling_rules={"service": {"service_name": "backend-flash"}}
        ).applies(),
        {
            HOME: Found("Default", "is for service backend-flash, the backend reports as backend-flask"),
            "xray.rule.service": Found("is for backend-flash", "the backend reports as backend-flask"),
            "xray.rule.unmatched": Found(NAME, "the backend reports as backend-flask"),
        },
        also=(EFFECTIVE, "xray.rule.default"),
    ),
    Fault(
        "further-rule-for-another-service",
        "Wrote the rule for health checks, not the main one, for service billing.",
        lambda hand: hand.asks(sampling_rules={"health": {"service_name": "billing"}}).applies(),
        {"xray.rule.service": Found(f"{HEALTH} is for billing", f"the backend reports as {NAME}")},
    ),
    Fault(
        "rule-for-the-api-alone",
        "Wrote the rule for /api/*, and left the rest to Default.",
        lambda hand: hand.asks(sampling_rules={"service": {"url_path": "/api/*"}}).applies(),
        {"xray.rule.default": Found("decides 1 routes: GET /rollbar/test", "have a rule for all requests")},
    ),
    Fault(
        "rule-behind-a-catch-all",
        "Gave a rule for messages a higher number than the one for everything.",
        lambda hand: hand.asks(sampling_rules=_adds(priority=9500, url_path="/api/messages*")).applies(),
        {
            "xray.rule.shadowed": Found(
                f"cruddur-local-extra (priority 9500) by {NAME} (priority 9000)",
                "the narrower rule needs the lower priority number",
            )
        },
    ),
    Fault(
        "two-rules-of-one-priority",
        "Copied a rule and left its priority.",
        lambda hand: hand.asks(
            sampling_rules={
                "a": {**_EXTRA, "url_path": "/api/messages*"},
                "b": {**_EXTRA, "url_path": "/api/m*", "fixed_rate": 0.5},
            }
        ).applies(),
        {
            "xray.rule.priority": Found(
                "cruddur-local-a and cruddur-local-b have 100, cruddur-local-a is asked first",
                "a priority of its own",
            )
        },
    ),
    Fault(
        "rule-with-attributes",
        "Asks for an attribute, which X-Ray takes and no SDK looks at.",
        lambda hand: hand.asks(sampling_rules=_adds(attributes={"tenant": "acme"})).applies(),
        {"xray.rule.ignored": Found("SDKs pass over rules with attributes", "leave that out")},
    ),
    Fault(
        "rule-with-a-resource-arn",
        "Asks for the ECS cluster's ARN, which only a lambda's rule would be found by.",
        lambda hand: hand.asks(sampling_rules=_adds(resource_arn="arn:aws:ecs:*")).applies(),
        {"xray.rule.ignored": Found("SDKs follow only rules for *", "leave that out")},
    ),
    Fault(
        "attributes-added-in-the-console",
        "Added an attribute to our rule in the console: from then on every SDK skips it.",
        lambda hand: hand.changes_rule(NAME, Attributes={"team": "a"}),
        {
            RULE: Found("Attributes={'team': 'a'}", APPLY),
            HOME: _LEFT,
            "xray.rule.ignored": Found("SDKs pass over rules with attributes", APPLY),
            "xray.rule.default": _ALL_LEFT,
        },
        also=(EFFECTIVE,),
    ),
    Fault(
        "another-teams-rule-for-everything",
        "Another team's rule for every service has priority 1.",
        lambda hand: hand.adds_rule("everything"),
        {
            HOME: Found("everything: 1 a second, then 50 %", f"everything {_IS_FIRST} (priority 1)"),
            OF_HEALTH: Found("everything", _IS_FIRST),
            "xray.rule.shadowed": Found(
                f"{NAME} (priority 9000) by everything (priority 1)", "narrow or remove"
            ),
        },
        also=(EFFECTIVE,),
    ),
    Fault(
        "another-teams-rule-by-prefix",
        "Another team's rule is for cruddur-*, which is us too.",
        lambda hand: hand.adds_rule("team-x", ServiceName="cruddur-*", URLPath="/api/*", Priority=500),
        {HOME: Found("team-x: 1 a second, then 50 %", f"team-x {_IS_FIRST} (priority 500)")},
        also=(EFFECTIVE,),
    ),
    Fault(
        "another-teams-rule-by-host",
        "Another team's rule for *.cruddur.com leaves all out, before any trace could tell of the host.",
        lambda hand: hand.adds_rule("hosts", Host="*.cruddur.com", FixedRate=0, ReservoirSize=0),
        {
            HOME: Found(
                "hosts: 0 a second, then 0 % (host *.cruddur.com)", f"hosts {_IS_FIRST} (priority 1)"
            ),
        },
        also=(EFFECTIVE,),
    ),
    Fault(
        "another-teams-rule-by-platform",
        "Another team's rule for everything in ECS, which is where the backend runs.",
        lambda hand: hand.adds_rule("ecs", ServiceType="AWS::ECS::Container"),
        {HOME: Found("(service type AWS::ECS::Container)", f"ecs {_IS_FIRST} (priority 1)")},
        also=(EFFECTIVE,),
    ),
    Fault(
        "rule-for-a-path-that-is-no-route",
        "Wrote the rule for /api/v2, which the backend doesn't have.",
        lambda hand: hand.asks(sampling_rules=_adds(url_path="/api/v2/*")).applies(),
        {"xray.rule.unmatched": Found("cruddur-local-extra", "method, path, host or priority")},
    ),
    Fault(
        "rule-for-a-method-that-is-no-route",
        "Wrote the rule for PATCH, which no route takes.",
        lambda hand: hand.asks(sampling_rules=_adds(http_method="PATCH")).applies(),
        {"xray.rule.unmatched": Found("cruddur-local-extra", "method, path, host or priority")},
    ),
    Fault(
        "rule-switched-off-by-hand",
        "Set rate and reservoir to 0 in the console while looking for something, and left it so.",
        lambda hand: hand.changes_rule(NAME, FixedRate=0, ReservoirSize=0),
        {
            RULE: Found("FixedRate=0, ReservoirSize=0", APPLY),
            HOME: Found(f"{NAME}: 0 a second, then 0 %", APPLY),
            "xray.rule.sampled": Found("leave all of them out", APPLY),
        },
        also=(EFFECTIVE,),
    ),
    Fault(
        "nothing-sampled",
        "Wrote rate and reservoir 0, for a test of what sampling costs, and applied that.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 0, "reservoir_size": 0}}).applies(),
        {
            "xray.rule.sampled": Found(
                f"none: {NAME}, {HEALTH} leave all of them out", "fixed_rate or reservoir_size"
            )
        },
    ),
    Fault(
        "rule-changed-by-aws",
        "Ran `aws xray update-sampling-rule` with another rate.",
        lambda hand: hand.changes_rule(NAME, FixedRate=1.0),
        {RULE: Found("FixedRate=1", APPLY), HOME: Found(f"{NAME}: 5 a second, then 100 %", APPLY)},
        also=(EFFECTIVE,),
    ),
    Fault(
        "priorities-turned-round-by-hand",
        "Gave the rule for everything a lower number than the one that leaves health checks out.",
        lambda hand: hand.changes_rule(NAME, Priority=8000),
        {
            RULE: Found("Priority=8000", APPLY),
            OF_HEALTH: Found(f"{NAME}: 5 a second", APPLY),
            "xray.rule.shadowed": Found(f"{HEALTH} (priority 8999) by {NAME} (priority 8000)", APPLY),
        },
        also=("xray.rule.effective.GET /health/*",),
    ),
    Fault(
        "rule-deleted",
        "Deleted the rule in the console.",
        lambda hand: hand.removes_rule(NAME),
        {RULE: Found("no such rule", APPLY), HOME: _LEFT, "xray.rule.default": _ALL_LEFT},
        also=(EFFECTIVE, *OF_LISTS),
    ),
    Fault(
        "account-full-of-rules",
        "Other teams have filled the account's 25 rules, so that ours can't be made again.",
        _fills_the_account,
        {
            HEALTH_RULE: Found("no such rule", APPLY),
            "xray.rule.limit": Found(
                f"25 of 25 rules, so that {HEALTH} can't be made", "ask AWS for a higher quota"
            ),
            OF_HEALTH: Found(f"{NAME}: 5 a second", APPLY),
        },
        also=("xray.rule.effective.GET /health/*", *OF_LISTS),
    ),
)
