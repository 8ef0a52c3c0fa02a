"""Which groups and rules are taken over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scripts.adopt import choosing, held
from scripts.errors import OperatorError
from tests.scripts.adopt.made import ASKED, NAME, PREFIX, asked, group, rule
from xray.sampling import RULES_MAX

HEALTH = f"{PREFIX}health"
OTHER = group("Cruddur")


def test_the_group_that_is_asked_for() -> None:
    """It goes before one that is named, which is left out with the reason; others are told."""
    own, more = group(), group("more")
    choice = choosing.group(ASKED, [OTHER, own, more], [], {})
    assert (choice.things, choice.left_out, choice.others) == ([own], [], ["Cruddur", "more"])
    choice = choosing.group(ASKED, [OTHER, own, more], ["Cruddur"], {})
    assert (choice.things, choice.others) == ([own], ["more"])
    assert [(one.what, one.in_the_way) for one in choice.left_out] == [("group Cruddur", True)]
    assert choosing.group(ASKED, [], [], {}) == choosing.Choice()


def test_a_group_that_is_named_where_there_is_none_of_the_name_asked_for() -> None:
    """One; of several nobody can say which is meant."""
    assert choosing.group(ASKED, [OTHER], ["Crud*"], {}).things == [OTHER]
    assert choosing.group(ASKED, [OTHER], [], {}).things == []
    with pytest.raises(OperatorError, match=r"several groups.*: Cruddur, more: name one"):
        choosing.group(ASKED, [OTHER, group("more")], ["*"], {})


def test_a_group_in_the_state() -> None:
    """Is not taken over again, and leaves no room; one made anew under its name is told with the remedy."""
    own = group()
    in_state = {own.address: own.arn}
    choice = choosing.group(ASKED, [own, OTHER], [NAME, "Cruddur"], in_state)
    assert choice.things == []
    assert [one.what for one in choice.left_out] == ["group Cruddur"]
    (gone,) = choosing.group(ASKED, [own], [], {own.address: "arn:of:one:that:is:gone"}).left_out
    assert "arn:of:one:that:is:gone, which is gone" in gone.why
    assert "state rm aws_xray_group.this" in gone.why


def test_the_rule_of_the_service_is_called_as_the_group() -> None:
    """Save where it has a name of its own, or one of its old name is there."""
    assert choosing.rule_names(ASKED, [group()], set()) == ASKED.rule_names
    assert choosing.rule_names(ASKED, [OTHER], {"Cruddur"})["service"] == "Cruddur"
    assert choosing.rule_names(ASKED, [OTHER], {NAME, "Cruddur"})["service"] == NAME
    named = asked(sampling_rules={"service": {"name": NAME}})
    assert choosing.rule_names(named, [OTHER], set())["service"] == NAME


def test_a_group_after_its_rule() -> None:
    """A name that another key has already is not given to the service's rule as well: it keeps its own."""
    later = replace(ASKED, rule_names={**ASKED.rule_names, "Cruddur": "Cruddur"})
    assert choosing.rule_names(later, [OTHER], {"Cruddur"}) == later.rule_names


def test_rules_that_are_asked_for_or_named_and_not_in_the_state() -> None:
    """Others are told by name."""
    found = [rule(NAME), rule(HEALTH), rule("mine"), rule("theirs")]
    choice = choosing.rules(ASKED.rule_names, found, ["mine"], {rule(HEALTH).address: ""})
    assert [thing.name for thing in choice.things] == [NAME, "mine"]
    assert choice.others == ["theirs"]


def test_there_is_room_for_25_rules() -> None:
    """What is asked for and not there counts; the remedy names it."""
    found = [rule(f"r{number}") for number in range(RULES_MAX)]
    with pytest.raises(OperatorError, match=r"27 sampling rules.*health = null and service = null in env"):
        choosing.rules(ASKED.rule_names, found, ["r*"], {})
    assert len(choosing.rules({}, found, ["*"], {}).things) == RULES_MAX
    assert len(choosing.rules(ASKED.rule_names, found[:23], ["*"], {}).things) == 23
    in_state = {thing.address: "" for thing in found}
    with pytest.raises(OperatorError, match="26 sampling rules, X-Ray has room for 25: name fewer"):
        choosing.rules({}, [*found, rule("one more")], ["one more"], in_state)


def test_addresses_of_a_state() -> None:
    """Managed ones, with their index; a tainted or half-made one is there, a data source isn't."""
    document = {
        "version": 4,
        "resources": [
            {
                "mode": "managed",
                "type": "aws_xray_group",
                "name": "this",
                "instances": [{"status": "tainted", "attributes": {"arn": "arn:g"}}],
            },
            {
                "mode": "managed",
                "type": "aws_xray_sampling_rule",
                "name": "this",
                "instances": [{"index_key": NAME, "attributes": None}],
            },
            {"mode": "data", "type": "aws_region", "name": "this", "instances": [{}]},
        ],
    }
    assert held.parse(document) == {group().address: "arn:g", rule(NAME).address: ""}
    assert held.parse({"resources": []}) == {}
