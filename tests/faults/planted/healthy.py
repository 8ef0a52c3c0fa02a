"""Set-ups in which nothing is wrong, each as somebody has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.between import throttled
from tests.faults.world import NAME

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_EXTRA = {"priority": 100, "reservoir_size": 1, "fixed_rate": 1.0}


@dataclass(frozen=True)
class SetUp:
    """A healthy set-up: what it is, and how it comes to be."""

    name: str
    what: str
    make: Callable[[Hand], object]

    def __str__(self) -> str:
        return self.name


def _rotated(hand: Hand) -> None:
    hand.asks_key_version(2)
    described = "Honeycomb API key, version 2"
    hand.puts("honeycomb/api-key", hand.makes_key("ingest"), "SecureString", Description=described)


def _own_kms_key(hand: Hand) -> None:
    arn = hand.makes_kms_key()
    hand.asks(honeycomb_kms_key_id=arn, logs_kms_key_id=arn).applies().puts_key(hand.world.key, KeyId=arn)


def _encrypted(hand: Hand) -> None:
    hand.asks(encryption={"type": "KMS", "key_id": hand.makes_kms_key()}).applies()


def _full_account(hand: Hand) -> None:
    for number in range(23):
        hand.adds_rule(f"team-{number}", ServiceName=f"team-{number}", Priority=100 + number)


def _policy_by_name(hand: Hand) -> None:
    statement = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service":'
        ' "application-signals.amazonaws.com"}, "Action": "xray:PutTraceSegments", "Resource": "*"}]}'
    )
    hand.xray.put_resource_policy(PolicyName="signals", PolicyDocument=statement)
    hand.asks(resource_policies=["signals"])


def _many_parameters(hand: Hand) -> None:
    for number in range(60):
        hand.puts(f"feature/{number}", "on")


def _throttled_once(hand: Hand) -> None:
    hand.is_behind({"TraceSummaries": throttled("ThrottledException")}, times=1)


SET_UPS = (
    SetUp("defaults", "As it comes.", lambda _: None),
    SetUp(
        "another-service-name",
        "The backend reports as backend-flask.",
        lambda hand: hand.asks(service_name="backend-flask").applies(),
    ),
    SetUp(
        "names-of-their-own",
        "Group and rule are called otherwise.",
        lambda hand: hand.asks(group_name="tracing", sampling_rules={"service": {"name": "api"}}).applies(),
    ),
    SetUp(
        "more-rules",
        "Rules for messages, for one method, and by a wildcard in the middle, before the one for everything.",
        lambda hand: hand.asks(
            sampling_rules={
                "messages": {**_EXTRA, "url_path": "/api/messages*"},
                "posts": {**_EXTRA, "priority": 200, "http_method": "POST"},
                "replies": {**_EXTRA, "priority": 50, "url_path": "/api/activities/*/reply"},
            }
        ).applies(),
    ),
    SetUp(
        "no-health-rule",
        "Health checks count as all else does.",
        lambda hand: hand.asks(sampling_rules={"health": None}).applies(),
    ),
    SetUp(
        "rates-of-their-own",
        "Samples everything.",
        lambda hand: hand.asks(
            sampling_rules={"service": {"fixed_rate": 1, "reservoir_size": 100}}
        ).applies(),
    ),
    SetUp(
        "rules-that-no-sdk-follows-by-leave",
        "A rule with attributes, which the configuration says it may have.",
        lambda hand: hand.asks(
            allow_rules_that_sdks_ignore=True,
            sampling_rules={"extra": {**_EXTRA, "attributes": {"tenant": "acme"}}},
        ).applies(),
    ),
    SetUp(
        "filter-for-failures",
        "The group takes failures alone.",
        lambda hand: hand.asks(filter_expression=f'service("{NAME}") {{ fault }}').applies(),
    ),
    SetUp(
        "filter-for-slow-ones-or-refused",
        "The group takes what is slow or refused.",
        lambda hand: hand.asks(
            filter_expression=f'service("{NAME}") AND (responsetime > 2 OR http.status = 404)'
        ).applies(),
    ),
    SetUp(
        "insights-on",
        "Insights with their notifications.",
        lambda hand: hand.asks(insights_enabled=True, insights_notifications_enabled=True).applies(),
    ),
    SetUp("key-rotated", "The key's second version.", _rotated),
    SetUp("kms-key-of-their-own", "Key and logs under a KMS key.", _own_kms_key),
    SetUp("x-ray-encrypted", "X-Ray encrypts with a KMS key.", _encrypted),
    SetUp(
        "logs-kept-longer",
        "A year of logs.",
        lambda hand: hand.asks(logs_retention_days=365).applies(),
    ),
    SetUp("account-with-25-rules", "Other teams' rules, all for services of theirs.", _full_account),
    SetUp(
        "another-teams-rule-behind-ours",
        "Another team's rule for every service, which is asked after ours.",
        lambda hand: hand.adds_rule("everything-else", Priority=9999),
    ),
    SetUp("resource-policy-by-name", "A resource policy that the configuration allows.", _policy_by_name),
    SetUp("many-parameters", "Other parameters below the path, several pages of them.", _many_parameters),
    SetUp("throttled-once", "One call is throttled, and answered when asked again.", _throttled_once),
    SetUp(
        "no-daemon-named",
        "No daemon is named where this is run, as in a pipeline.",
        lambda hand: hand.exports(AWS_XRAY_DAEMON_ADDRESS=""),
    ),
)
