"""The Honeycomb key: which one, how it is kept, and who else can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.fault import Fault, Found
from tests.faults.hand import KEY_NAME
from tests.faults.planted.ids import APPLY, KEY, OF_AUTH, OF_KEY, ROTATE
from tests.faults.world import PATH

if TYPE_CHECKING:
    from tests.faults.hand import Hand

_NEW = "make a new key at Honeycomb"
THOUSANDS = 1_200


def _rotates_and_leaves_a_label(hand: Hand) -> None:
    described = "Honeycomb API key, version 1"
    hand.puts("honeycomb/api-key", hand.makes_key("ingest"), "SecureString", Description=described)
    hand.ssm.label_parameter_version(Name=KEY_NAME, ParameterVersion=1, Labels=["live"])


def _was_a_string_first(hand: Hand) -> None:
    hand.puts_key(hand.world.key, kind="String")
    described = "Honeycomb API key, version 1"
    hand.ssm.put_parameter(
        Name=KEY_NAME, Value=hand.world.key, Type="SecureString", Description=described, Overwrite=True
    )


def _hides_a_copy_among_thousands(hand: Hand) -> None:
    for number in range(THOUSANDS):
        hand.ssm.put_parameter(Name=f"{PATH}/feature/{number:04}", Value="on", Type="String")
    hand.puts("zone/backup", hand.world.key)


FAULTS = (
    Fault(
        "key-of-another-environment",
        "Copied the key from the browser's other tab, which was dev's.",
        lambda hand: hand.puts_key(hand.makes_key("ingest", environment="dev")),
        {"honeycomb.key.environment": Found("environment dev", "correct honeycomb_environment in env.hcl")},
    ),
    Fault(
        "environment-of-another-name",
        "Named Honeycomb's environment prod in env.hcl; there it is called otherwise.",
        lambda hand: hand.asks(honeycomb_environment="prod"),
        {"honeycomb.key.environment": Found("environment local", "correct honeycomb_environment in env.hcl")},
    ),
    Fault(
        "key-of-another-team",
        "Uses the key of the team they were in before.",
        lambda hand: hand.asks(honeycomb_team="platform"),
        {"honeycomb.key.team": Found("team local", "correct honeycomb_team in env.hcl")},
    ),
    Fault(
        "classic-key",
        "Uses a key of Honeycomb Classic.",
        lambda hand: hand.puts_key(hand.makes_key("classic")),
        {
            "honeycomb.key.kind": Found("classic configuration key", "make an ingest key"),
            "honeycomb.key.environment": Found("a Classic key has none", ROTATE),
        },
    ),
    Fault(
        "configuration-key",
        "Uses a configuration key, which may do far more than send.",
        lambda hand: hand.puts_key(hand.makes_key("configuration")),
        {"honeycomb.key.kind": Found("configuration key: it can do more than send", "make an ingest key")},
    ),
    Fault(
        "key-that-may-not-send",
        "Uses a key that was made for boards.",
        lambda hand: hand.puts_key(hand.makes_key("configuration", permissions=["boards"])),
        {
            "honeycomb.key.sends": Found("may not send events", "make an ingest key"),
            "honeycomb.key.kind": Found("configuration key", ROTATE),
        },
    ),
    Fault(
        "management-key",
        "Uses a management key, which is no key for events at all.",
        lambda hand: hand.puts_key(hand.makes_key("management")),
        {"honeycomb.key": Found("refused (HTTP 401)", ROTATE)},
        also=OF_AUTH,
    ),
    Fault(
        "key-revoked",
        "Revoked the key at Honeycomb and forgot who uses it.",
        lambda hand: hand.puts_key("hcaik_" + 58 * "w"),
        {"honeycomb.key": Found("refused (HTTP 401)", ROTATE)},
        also=OF_AUTH,
    ),
    Fault(
        "key-missing",
        "Deleted the key's parameter.",
        lambda hand: hand.removes("honeycomb/api-key"),
        {KEY: Found("no such parameter", APPLY), "honeycomb.key": Found("no key to show", APPLY, "skip")},
        also=("ssm.key.copies", "ssm.parameter.history", *OF_AUTH),
    ),
    Fault(
        "key-blank",
        "Pasted a blank in the key's place.",
        lambda hand: hand.puts_key(" "),
        {KEY: Found("SecureString, empty", ROTATE)},
        also=OF_KEY,
    ),
    Fault(
        "key-as-a-plain-string",
        "Made the key's parameter by hand as a String: whoever may read parameters reads the key.",
        lambda hand: hand.puts_key(hand.world.key, kind="String"),
        {KEY: Found("type=String, so the key is readable", _NEW)},
        also=OF_KEY,
    ),
    Fault(
        "key-was-a-plain-string",
        "Made it a SecureString later: its first version can be read to this day.",
        _was_a_string_first,
        {"ssm.parameter.history": Found("readable, as it was no SecureString: version 1", _NEW)},
    ),
    Fault(
        "copy-of-the-key",
        "Kept the key under a name of their own, as a String.",
        lambda hand: hand.puts("honeycomb/old-key", hand.world.key),
        {"ssm.key.copies": Found(f"{PATH}/honeycomb/old-key (String)", _NEW)},
    ),
    Fault(
        "copy-of-the-key-within-a-list",
        "Put the key into a list of settings.",
        lambda hand: hand.puts("settings", f"eu,{hand.world.key},debug", "StringList"),
        {"ssm.key.copies": Found(f"{PATH}/settings (StringList)", _NEW)},
    ),
    Fault(
        "copy-of-the-key-among-thousands",
        "The copy is the last of more parameters than come in a hundred pages.",
        _hides_a_copy_among_thousands,
        {"ssm.key.copies": Found(f"{PATH}/zone/backup (String)", _NEW)},
    ),
    Fault(
        "old-version-with-a-label",
        "Rotated the key; a script of theirs still reads the version labelled live.",
        _rotates_and_leaves_a_label,
        {"ssm.parameter.history": Found("version 1 (live)", "aws ssm label-parameter-version")},
    ),
    Fault(
        "rotation-that-did-not-arrive",
        "Raised the key's version in the configuration, and the write was refused.",
        lambda hand: hand.asks_key_version(2),
        {KEY: Found("description=Honeycomb API key, version 1", ROTATE)},
    ),
    Fault(
        "key-under-another-kms-key",
        "Asks for a KMS key, and the parameter is still under SSM's own.",
        lambda hand: hand.asks(honeycomb_kms_key_id=hand.makes_kms_key()),
        {KEY: Found("key=alias/aws/ssm", ROTATE)},
    ),
    Fault(
        "data-set-of-another-name",
        "Named a data set; Honeycomb takes the service's name for it all the same.",
        lambda hand: hand.asks(honeycomb_dataset="production").applies(),
        {
            "honeycomb.dataset": Found(
                "Honeycomb takes the service's name for it", "leave honeycomb_dataset out"
            )
        },
    ),
)
