"""Calls that are denied, throttled, answered by something else, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.between import ALL, PAGE, throttled
from tests.faults.fault import Fault, Found
from tests.faults.planted.ids import (
    EFFECTIVE,
    GROUP,
    HEALTH_RULE,
    HOME,
    KEY,
    LOG_GROUP,
    OF_AUTH,
    OF_KEY,
    RULE,
)
from tests.faults.world import PATH

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_PLAIN = (f"ssm.parameter.{PATH}/honeycomb/*", f"ssm.parameter.{PATH}/xray/*", f"ssm.parameter.{PATH}/logs/*")
_RULES = (
    EFFECTIVE,
    "xray.rule.service",
    "xray.rule.default",
    "xray.rule.sampled",
    "xray.rule.shadowed",
    "xray.rule.ignored",
    "xray.rule.priority",
)
_OF_RULES = (*_RULES, "xray.rule.unmatched", "xray.rule.limit")
_WAIT = "wait a minute and run it again"
_PAGE, _LOCAL_UP = "is not AWS", "run `make local-up`"


def _denied(action: str, *caught: str, also: tuple[str, ...] = ()) -> Fault:
    operation = action.partition(":")[2]
    found = Found(f"perform: {action}", f"have {action} allowed for these credentials")
    return Fault(
        f"denied-{operation}",
        f"Has a role without {action}.",
        lambda hand: hand.may_all_but(action),
        dict.fromkeys(caught, found),
        also=also,
    )


def _sign_in_page_for_honeycomb(hand: Hand) -> None:
    address = hand.stands_before(hand.world.addresses["HONEYCOMB_API_ENDPOINT"], {ALL: PAGE})
    hand.exports(HONEYCOMB_API_ENDPOINT=address).applies()


def _encryption_and_no_right(hand: Hand) -> None:
    hand.asks(encryption={"type": "NONE"}).may_all_but("xray:GetEncryptionConfig")


FAULTS = (
    _denied("ssm:GetParameters", f"ssm.parameter.{PATH}/honeycomb/dataset", KEY, also=(*_PLAIN, *OF_KEY)),
    _denied("ssm:DescribeParameters", KEY),
    _denied("ssm:GetParametersByPath", "ssm.key.copies"),
    _denied("ssm:GetParameterHistory", "ssm.parameter.history"),
    _denied("kms:Decrypt", KEY, also=OF_KEY),
    _denied("logs:DescribeLogGroups", LOG_GROUP),
    _denied("xray:GetGroup", GROUP, "xray.group.effect", also=("xray.group.nodes",)),
    _denied("xray:GetSamplingRules", RULE, HEALTH_RULE, HOME, also=_OF_RULES),
    _denied("xray:GetTraceSummaries", "xray.group.effect"),
    _denied("xray:GetServiceGraph", "xray.group.nodes"),
    _denied("xray:ListResourcePolicies", "xray.resource-policy"),
    Fault(
        "denied-GetEncryptionConfig",
        "Has a role without xray:GetEncryptionConfig.",
        _encryption_and_no_right,
        {
            "xray.encryption": Found(
                "perform: xray:GetEncryptionConfig", "have xray:GetEncryptionConfig allowed"
            )
        },
    ),
    Fault(
        "throttled-parameters",
        "Runs this from twenty pipelines at a time: SSM throttles.",
        lambda hand: hand.is_behind({"GetParameters": throttled()}),
        {KEY: Found("ThrottlingException", _WAIT)},
        also=(*_PLAIN, *OF_KEY),
    ),
    Fault(
        "throttled-rules",
        "The account's SDKs have used X-Ray's calls up.",
        lambda hand: hand.is_behind({"GetSamplingRules": throttled("ThrottledException")}),
        {RULE: Found("ThrottledException", _WAIT), HOME: Found("ThrottledException", _WAIT)},
        also=(HEALTH_RULE, *_OF_RULES),
    ),
    Fault(
        "throttled-traces",
        "Somebody follows traces at the same time.",
        lambda hand: hand.is_behind({"TraceSummaries": throttled("ThrottledException")}),
        {"xray.group.effect": Found("GetTraceSummaries with ThrottledException", _WAIT)},
    ),
    Fault(
        "page-for-parameters",
        "The proxy's sign-in page comes up in the middle.",
        lambda hand: hand.is_behind({"GetParameters": PAGE}),
        {KEY: Found(_PAGE, _LOCAL_UP)},
        also=(*_PLAIN, *OF_KEY),
    ),
    Fault(
        "page-for-rules",
        "The same, for X-Ray's rules: that there are none is nothing that X-Ray ever says.",
        lambda hand: hand.is_behind({"GetSamplingRules": PAGE}),
        {RULE: Found(_PAGE, _LOCAL_UP), HOME: Found(_PAGE, _LOCAL_UP)},
        also=(HEALTH_RULE, *_OF_RULES),
    ),
    Fault(
        "page-for-policies",
        "The same, for resource policies: a page is no empty list of them.",
        lambda hand: hand.is_behind({"ListResourcePolicies": PAGE}),
        {"xray.resource-policy": Found(_PAGE, _LOCAL_UP)},
    ),
    Fault(
        "page-for-traces",
        "The same, for traces: rules are looked at all the same.",
        lambda hand: hand.is_behind({"TraceSummaries": PAGE}),
        {"xray.group.effect": Found(_PAGE, _LOCAL_UP)},
    ),
    Fault(
        "page-for-honeycomb",
        "The same, in Honeycomb's place: HTTP 200 is no word about the key.",
        _sign_in_page_for_honeycomb,
        {"honeycomb.key": Found("not as Honeycomb gives it", "is it Honeycomb that answers?")},
        also=OF_AUTH,
    ),
    Fault(
        "honeycomb-refuses",
        "Honeycomb answers 401.",
        lambda hand: hand.breaks_honeycomb(status=401),
        {"honeycomb.key": Found("refused (HTTP 401)", "with a key that Honeycomb knows")},
        also=OF_AUTH,
    ),
    Fault(
        "honeycomb-throttles",
        "Honeycomb answers 429.",
        lambda hand: hand.breaks_honeycomb(status=429),
        {"honeycomb.key": Found("HTTP 429", "try again")},
        also=OF_AUTH,
    ),
    Fault(
        "honeycomb-unreachable",
        "A firewall closes connections to Honeycomb.",
        lambda hand: hand.breaks_honeycomb(drop=True),
        {"honeycomb.key": Found("/1/auth can't be reached", "check the network and the endpoint parameter")},
        also=OF_AUTH,
    ),
)
