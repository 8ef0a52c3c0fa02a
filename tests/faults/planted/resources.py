"""Parameters, log group, encryption and resource policies: there, as asked for, and nothing beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.between import document
from tests.faults.fault import Fault, Found
from tests.faults.planted.ids import APPLY, GROUP, LOG_GROUP
from tests.faults.world import NAME, PATH

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},'
    ' "Action": "xray:PutTraceSegments", "Resource": "*"}]}'
)


def _log_group_with_a_key(hand: Hand) -> None:
    hand.remakes_log_group(kmsKeyId=hand.makes_kms_key())
    hand.logs.put_retention_policy(logGroupName=PATH, retentionInDays=30)


def _asks_for_encryption(hand: Hand) -> None:
    hand.asks(encryption={"type": "KMS", "key_id": hand.makes_kms_key()})


def _encrypts_with_another_key(hand: Hand) -> None:
    hand.asks(encryption={"type": "KMS", "key_id": hand.makes_kms_key()}).applies()
    hand.encrypts(Type="KMS", KeyId=hand.makes_kms_key())


def _encrypts_and_looks_at_once(hand: Hand) -> None:
    setting = {"Type": "KMS", "KeyId": hand.makes_kms_key(), "Status": "UPDATING"}
    hand.asks(encryption={"type": "KMS", "key_id": setting["KeyId"]})
    hand.is_behind({"EncryptionConfig": document({"EncryptionConfig": setting})})


def _applies_by_halves(hand: Hand) -> None:
    hand.removes("honeycomb/dataset").removes("xray/sampling-rule-name")
    hand.xray.delete_group(GroupName=NAME)


FAULTS = (
    Fault(
        "parameter-deleted",
        "Deleted a parameter that nobody seemed to need.",
        lambda hand: hand.removes("honeycomb/dataset"),
        {f"ssm.parameter.{PATH}/honeycomb/dataset": Found("no such parameter", APPLY)},
    ),
    Fault(
        "parameter-of-another-value",
        "Pointed the backend at another group by hand.",
        lambda hand: hand.puts("xray/group-name", "somebody-elses"),
        {f"ssm.parameter.{PATH}/xray/group-name": Found("value=somebody-elses", APPLY)},
    ),
    Fault(
        "parameter-as-a-list",
        "Made the parameter again by hand, as a StringList.",
        lambda hand: hand.puts("xray/group-name", NAME, "StringList"),
        {f"ssm.parameter.{PATH}/xray/group-name": Found("type=StringList", APPLY)},
    ),
    Fault(
        "parameter-encrypted",
        "Made a plain parameter a SecureString, to be on the safe side.",
        lambda hand: hand.puts(
            "honeycomb/endpoint", hand.world.addresses["HONEYCOMB_API_ENDPOINT"], "SecureString"
        ),
        {f"ssm.parameter.{PATH}/honeycomb/endpoint": Found("type=SecureString", APPLY)},
    ),
    Fault(
        "apply-that-was-interrupted",
        "Pressed Ctrl-C in the middle of an apply: one half is there.",
        _applies_by_halves,
        {
            f"ssm.parameter.{PATH}/honeycomb/dataset": Found("no such parameter", APPLY),
            f"ssm.parameter.{PATH}/xray/sampling-rule-name": Found("no such parameter", APPLY),
            GROUP: Found("no such group", APPLY),
            "xray.group.effect": Found("no such group", APPLY, "skip"),
        },
    ),
    Fault(
        "configuration-not-applied",
        "Changed the rate in env.hcl, committed, and never applied.",
        lambda hand: hand.asks(sampling_rules={"service": {"fixed_rate": 0.25}}),
        {
            f"xray.rule.{NAME}": Found("FixedRate=0.1", APPLY),
            "xray.rule.effective.GET /api/activities/home": Found("5 a second, then 10 %", APPLY),
        },
        also=("xray.rule.effective.*",),
    ),
    Fault(
        "log-group-deleted",
        "Deleted the log group to save its cost.",
        lambda hand: hand.logs.delete_log_group(logGroupName=PATH),
        {LOG_GROUP: Found("no such log group", APPLY)},
    ),
    Fault(
        "log-group-for-ever",
        "Took the retention away; CloudWatch keeps and bills all from then on.",
        lambda hand: hand.logs.delete_retention_policy(logGroupName=PATH),
        {LOG_GROUP: Found("retention=for ever", APPLY)},
    ),
    Fault(
        "log-group-of-another-key",
        "Made the log group anew, with a key that nobody asked for.",
        _log_group_with_a_key,
        {LOG_GROUP: Found("key=arn:aws:kms:us-east-1:123456789012:key/", APPLY)},
    ),
    Fault(
        "encryption-not-applied",
        "Asks for a KMS key, and X-Ray still encrypts with its own.",
        _asks_for_encryption,
        {"xray.encryption": Found("type=NONE", APPLY)},
    ),
    Fault(
        "encryption-with-another-key",
        "Another team set its own key: the setting is the whole account's and region's.",
        _encrypts_with_another_key,
        {"xray.encryption": Found("key=", APPLY)},
    ),
    Fault(
        "encryption-still-changing",
        "Applied, and looked at once: X-Ray takes some minutes to change a key.",
        _encrypts_and_looks_at_once,
        {"xray.encryption": Found("status=UPDATING", "wait some minutes")},
    ),
    Fault(
        "resource-policy-for-everybody",
        "Let everybody put segments into the account, to try something out.",
        lambda hand: hand.xray.put_resource_policy(PolicyName="try-out", PolicyDocument=_POLICY),
        {"xray.resource-policy": Found("try-out", "delete it, or name it in resource_policies of env.hcl")},
    ),
)
