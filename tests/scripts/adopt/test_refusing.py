"""Why a thing that is there is left out."""

from __future__ import annotations

import pytest

from scripts.adopt.refusing import reason
from scripts.adopt.things import Thing
from tests.scripts.adopt.made import ASKED, NAME, TAGS, group, log_group, parameter, rule

OURS = "arn:aws:xray:eu-west-1:123456789012:group/x"
FOREIGN = {**TAGS, "Service": "other"}
WANTED = {"xray/group-name": NAME}


@pytest.mark.parametrize(
    "thing",
    [
        group(),
        group(tags=TAGS),
        group(filter_expression='annotation.k = "${a} %{b}"'),
        rule(tags={"aws:x": "${y}", "Team": "a"}),
        rule(tags={"ManagedBy": "terragrunt"}),
        rule(attributes={"a": "b"}, resource_arn="arn:x", version=2),
        parameter("honeycomb/dataset", "${any} value"),
        parameter("xray/group-name", NAME),
        log_group(1),
    ],
    ids=str,
)
def test_what_can_be_taken_over(thing: Thing) -> None:
    """Things by hand, those of an apply that was cut short, and plain texts with templates' marks."""
    assert reason(thing, ASKED, WANTED) is None


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        (group(arn=OURS.replace("eu-west-1", "us-east-1")), "account 123456789012 in us-east-1, and this"),
        (rule(arn=OURS.replace("123456789012", "210987654321")), "is of account 210987654321"),
        (rule(tags={"aws:cloudformation:stack-name": "s"}), "CloudFormation has it, in stack s"),
        (rule(tags=FOREIGN), "under Terragrunt (Project=cruddur, Service=other, Environment=dev): set"),
        (rule(tags=FOREIGN), "sampling_rules = { service = null }"),
        (rule("x", tags=FOREIGN), "another configuration has it"),
        (group(tags=FOREIGN), "another configuration has it"),
        (rule(url_path="/${a}"), "which Terragrunt can't hand on"),
        (rule("%{a}"), "which Terragrunt can't hand on"),
        (rule(attributes={"${a}": "b"}), "which Terragrunt can't hand on"),
        (group("${a}"), "which Terragrunt can't hand on"),
        (group(tags={"a": "${b}"}), "which Terragrunt can't hand on"),
        (parameter("honeycomb/dataset", "a", description="%{b}"), "which Terragrunt can't hand on"),
        (group(filter_expression=" "), "its filter is empty"),
        (group(filter_expression="duration <"), "its filter can't be read: Error Location: line 1"),
        (log_group(None), "keeps lines for ever"),
        (parameter("honeycomb/endpoint", None, type="SecureString"), "it is a SecureString"),
        (parameter("honeycomb/endpoint", "a,b", type="StringList"), "it is a StringList"),
        (parameter("honeycomb/endpoint", "a", allowed_pattern="a+"), "allowed pattern"),
        (
            parameter("xray/group-name", "Cruddur"),
            f"it has another value than {NAME}, which the configuration gives it",
        ),
    ],
)
def test_what_is_left_out(thing: Thing, why: str) -> None:
    """It is another's, in another place, or its values can't be asked for."""
    assert why in (reason(thing, ASKED, WANTED) or "")


@pytest.mark.parametrize("below", ["honeycomb/dataset", "honeycomb/endpoint", "xray/group-name"])
@pytest.mark.parametrize(
    "key",
    ["hcaik_" + "q" * 58, "hcbic_" + "Q" * 58, "hcamk_" + "q" * 40, "ab12" * 8, " hcaik_" + "q" * 58 + "\n"],
)
def test_a_key_in_a_plain_parameter_is_left_out_unseen(below: str, key: str) -> None:
    """Wherever somebody has put a copy of it: it comes into no file, no state and no line."""
    why = reason(parameter(below, key), ASKED, WANTED) or ""
    assert "the shape of a Honeycomb key" in why
    assert key.strip() not in why


def test_a_value_that_is_not_asked_for_is_not_shown() -> None:
    """A parameter may hold anything: the value that it should have is told, not the one that it has."""
    assert "opensesame" not in (reason(parameter("xray/group-name", "opensesame"), ASKED, WANTED) or "")
