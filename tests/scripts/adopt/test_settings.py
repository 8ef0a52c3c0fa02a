"""The settings that make the configuration ask for exactly what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from scripts.adopt import settings
from scripts.adopt.choosing import rule_names
from scripts.adopt.things import ENCRYPTION, Address, Thing
from tests.scripts.adopt.made import (
    ASKED,
    INPUTS,
    NAME,
    PREFIX,
    RULE_VALUES,
    TAGS,
    asked,
    group,
    log_group,
    parameter,
    rule,
)

if TYPE_CHECKING:
    from scripts.adopt.asked import Asked

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def differing(
    *things: Thing, configuration: Asked = ASKED, present: set[str] | None = None
) -> dict[str, Any]:
    """The settings for these things, the rules' names as they will be."""
    groups = [thing for thing in things if thing.address == group().address]
    names = rule_names(configuration, groups, present or set())
    return settings.differing(configuration, names, things, INPUTS)


def test_what_is_as_asked_for_needs_no_setting() -> None:
    """Tags that the provider has anyway, and AWS's own, are none either."""
    assert differing(group(tags=TAGS), rule(tags={"aws:x": "y"}), log_group()) == {}


def test_single_values_of_a_rule_that_is_asked_for() -> None:
    """Only what differs; numbers are numbers."""
    assert differing(rule(reservoir_size=1, fixed_rate=0.1, url_path="/a")) == {
        "sampling_rules": {"service": {"reservoir_size": 1, "url_path": "/a"}}
    }
    assert differing(rule(priority=9000.0)) == {}


def test_a_rule_that_nobody_asked_for_is_there_as_a_whole() -> None:
    """Under what follows the prefix, or its name; a key that is taken is not taken twice."""
    assert differing(rule(f"{PREFIX}checkout")) == {"sampling_rules": {"checkout": RULE_VALUES}}
    found = differing(rule("health"), rule("service"), rule(f"{PREFIX}service"), rule("x"))["sampling_rules"]
    assert {key: one.get("name") for key, one in found.items()} == {
        "health-2": "health",
        "service-2": "service",
        f"{PREFIX}service": f"{PREFIX}service",
        "x": "x",
    }


def test_rules_that_sdks_ignore_need_leave() -> None:
    """Once; where it is given already, nothing is set."""
    for odd in ({"attributes": {"a": "b"}}, {"resource_arn": "arn:x"}, {"version": 2}):
        assert differing(rule(**odd))["allow_rules_that_sdks_ignore"] is True
        given = asked(allow_rules_that_sdks_ignore=True)
        assert "allow_rules_that_sdks_ignore" not in differing(rule(**odd), configuration=given)


def test_a_group_of_another_name() -> None:
    """The service's rule follows without a setting; where one of the old name is there, it keeps that."""
    other = group("Cruddur", filter_expression="fault", insights_enabled=True)
    reporting = asked(service_name=NAME)
    values = {"group_name": "Cruddur", "filter_expression": "fault", "insights_enabled": True}
    assert differing(other, rule("Cruddur"), configuration=reporting, present={"Cruddur"}) == values
    kept = differing(other, rule(NAME, version=1, host="h"), configuration=reporting, present={NAME})
    assert kept == {**values, "sampling_rules": {"service": {"name": NAME, "host": "h"}}}
    assert differing(other, configuration=reporting, present={NAME}) == {
        **values,
        "sampling_rules": {"service": {"name": NAME}},
    }


def test_what_follows_the_service_s_name_is_kept_as_it_is() -> None:
    """A group of another name renames the service too: filter, rules and data set that AWS has are set."""
    things = (group("Cruddur"), rule("Cruddur"), parameter("honeycomb/dataset", NAME))
    found = differing(*things, present={"Cruddur"})
    assert found["filter_expression"] == f'service("{NAME}")'
    assert found["sampling_rules"] == {"service": {"service_name": NAME}}
    assert found["honeycomb_dataset"] == NAME
    given = asked(
        filter_expression=f'service("{NAME}")',
        honeycomb_dataset=NAME,
        sampling_rules={"service": {"service_name": NAME}},
    )
    for configuration in (given, asked(service_name=NAME)):
        found = differing(*things, configuration=configuration, present={"Cruddur"})
        assert set(found) == {"group_name", "resource_descriptions", "imported_parameters"}
    new = (group("Cruddur", filter_expression='service("Cruddur")'), rule("Cruddur", service_name="Cruddur"))
    assert differing(*new, present={"Cruddur"}) == {"group_name": "Cruddur"}


def test_a_group_after_its_rule() -> None:
    """Where another key has the group's name, the service's rule is told to keep its own."""
    later = replace(
        asked(service_name=NAME, sampling_rules={"Cruddur": {**RULE_VALUES, "name": "Cruddur"}}),
        rule_names={**ASKED.rule_names, "Cruddur": "Cruddur"},
    )
    assert differing(group("Cruddur"), configuration=later, present={"Cruddur"}) == {
        "group_name": "Cruddur",
        "sampling_rules": {"service": {"name": NAME}},
    }


def test_the_name_of_the_service_s_rule_is_written_with_a_group_alone() -> None:
    """Without a group there is nothing to say; a name that the settings give, or no such rule, stays."""
    named = replace(
        asked(service_name=NAME, sampling_rules={"service": {"name": "s"}}),
        rule_names={**ASKED.rule_names, "service": "s"},
    )
    assert differing(configuration=named) == {}
    assert differing(group("Cruddur"), configuration=named, present={"s"}) == {"group_name": "Cruddur"}
    none = replace(
        asked(service_name=NAME, sampling_rules={"service": None}), rule_names={"health": f"{PREFIX}health"}
    )
    assert differing(group("Cruddur"), configuration=none) == {"group_name": "Cruddur"}
    assert differing(configuration=none) == {}


def test_a_rule_that_is_dropped_gets_another_key() -> None:
    """Under the key that env.hcl drops it would stay dropped."""
    dropped = replace(asked(sampling_rules={"health": None}), rule_names={"service": NAME})
    name = f"{PREFIX}health"
    assert differing(rule(name), configuration=dropped) == {
        "sampling_rules": {name: {"name": name, **RULE_VALUES}}
    }


def test_tags_and_descriptions_of_single_resources() -> None:
    """As found, an empty description too; a tag that goes before the provider's is kept."""
    found = differing(
        group(tags={"Team": "a", "Environment": "production", "Project": "cruddur"}),
        parameter("honeycomb/dataset", NAME, tags={"T": "1"}),
        log_group(30, Own="l"),
    )
    assert found == {
        "resource_tags": {
            "xray": {"group": {"Team": "a", "Environment": "production"}},
            "honeycomb": {"honeycomb/dataset": {"T": "1"}},
            "logs": {"group": {"Own": "l"}},
        },
        "resource_descriptions": {"honeycomb": {"honeycomb/dataset": ""}},
        "imported_parameters": {"honeycomb": ["honeycomb/dataset"]},
    }
    again = asked(**found)
    assert "imported_parameters" not in differing(parameter("honeycomb/dataset", NAME), configuration=again)
    more = differing(parameter("honeycomb/endpoint", "https://a"), configuration=again)
    assert more["imported_parameters"] == {"honeycomb": ["honeycomb/dataset", "honeycomb/endpoint"]}


def test_parameters_log_group_and_encryption() -> None:
    """Their settings have the names of env.hcl; the names' parameters have none."""
    descriptions = {
        "resource_descriptions": {"honeycomb": {"honeycomb/endpoint": "d"}},
        "imported_parameters": {"honeycomb": ["honeycomb/endpoint"]},
    }
    endpoint = parameter("honeycomb/endpoint", "https://api.eu1.honeycomb.io", description="d")
    assert differing(endpoint) == {"honeycomb_endpoint": "https://api.eu1.honeycomb.io", **descriptions}
    assert set(differing(parameter("xray/group-name", NAME))) == {
        "resource_descriptions",
        "imported_parameters",
    }
    assert differing(log_group(7)) == {"logs_retention_days": 7}
    address = Address("aws_xray_encryption_config", "this", 0)
    there = {"type": "KMS", "key_id": KEY}
    thing = Thing(ENCRYPTION, "xray", "", address, "eu-west-1", values={"encryption": there})
    assert differing(thing, configuration=asked(encryption=there)) == {}
    none = asked(encryption={"type": "NONE"})
    assert differing(thing, configuration=none) == {"encryption": there}
    nothing = replace(thing, values={"encryption": {"type": "NONE", "key_id": None}})
    assert differing(nothing, configuration=none) == {}


def test_what_was_adopted_before_stays() -> None:
    """New values go over old ones, a rule's and a resource's one by one; env.hcl's tags come with them."""
    before = {
        "group_name": "g",
        "sampling_rules": {"a": {"host": "h", "version": 1}},
        "logs_retention_days": 7,
    }
    configuration = replace(
        asked(resource_tags={"xray": {"group": {"A": "1"}, "rule/r": {"B": "2"}}}), adopted=before
    )
    changes = {
        "logs_retention_days": 14,
        "sampling_rules": {"a": {"host": "i"}, "b": {"host": "j"}},
        "resource_tags": {"xray": {"group": {"C": "3"}}, "logs": {"group": {"D": "4"}}},
    }
    assert settings.merged(configuration, changes) == {
        "group_name": "g",
        "sampling_rules": {"a": {"host": "i", "version": 1}, "b": {"host": "j"}},
        "logs_retention_days": 14,
        "resource_tags": {
            "xray": {"group": {"C": "3"}, "rule/r": {"B": "2"}},
            "logs": {"group": {"D": "4"}},
        },
    }
    assert settings.merged(configuration, {}) == before


_NAMES = st.sampled_from(
    ["service", "health", "a", f"{PREFIX}a", f"{PREFIX}service", f"{PREFIX}health", NAME]
)


@given(st.lists(_NAMES, unique=True))
def test_every_rule_gets_its_own_key_and_keeps_its_name(names: list[str]) -> None:
    """By the key the root configuration finds the very name again."""
    found = differing(*(rule(name, host="other") for name in names))
    rules = found.get("sampling_rules", {})
    called = {
        key: one.get("name") or ASKED.rule_names.get(key) or f"{PREFIX}{key}" for key, one in rules.items()
    }
    assert sorted(called.values()) == sorted(names)
