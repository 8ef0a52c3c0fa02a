"""What a plan does beside importing, value by value."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.adopt import planned
from scripts.adopt.things import GROUP, Address, Thing

TAGS = {"Project": "cruddur", "Environment": "dev"}
GROUP_THING = Thing(GROUP, "xray", "g", Address("aws_xray_group", "this"), import_id="arn")


def change(thing: Thing, before: dict[str, Any], after: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource change as `terraform show -json` has it; an import that updates unless said otherwise."""
    base = {"actions": ["update"], "importing": {"id": "x"}, "before": before, "after": after}
    return {"address": str(thing.address), "mode": "managed", "change": {**base, **more}}


def read(
    *changes: dict[str, Any], things: list[Thing] | None = None, left_out: tuple[Address, ...] = ()
) -> planned.Plan:
    """The plan with these changes."""
    return planned.read({"resource_changes": changes}, things or [GROUP_THING], TAGS, left_out)


def test_imports_alone_are_an_empty_plan() -> None:
    """An import without a change, and one that adds the provider's tags, to none or to others."""
    quiet = read(change(GROUP_THING, {"a": 1}, {"a": 1}, actions=["no-op"]))
    assert (quiet.imported, quiet.empty, quiet.tags) == (1, True, {})
    for before in (None, {}, {"Own": "x"}):
        plan = read(change(GROUP_THING, {"tags_all": before}, {"tags_all": {**(before or {}), **TAGS}}))
        assert (plan.imported, plan.empty, plan.tags) == (1, True, TAGS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Own": "x"}, TAGS),
        ({"Project": "other"}, TAGS),
        ({}, {**TAGS, "Own": "x"}),
        ({}, {"Project": "other"}),
        (TAGS, {}),
    ],
)
def test_other_changes_of_tags_are_changes(before: dict[str, str], after: dict[str, str]) -> None:
    """One taken away, one with another value, one that is not the provider's."""
    plan = read(change(GROUP_THING, {"tags_all": before}, {"tags_all": after}))
    assert not plan.empty
    assert "tags_all" in plan.changes[0]


@pytest.mark.parametrize(
    ("old", "new"), [(0, 1), (False, True), (None, 0), (None, False), ("a", ""), ("", "a")]
)
def test_each_value_is_named_with_both_sides(old: object, new: object) -> None:
    """Zero and false are values; that a text is empty or missing is the same."""
    plan = read(change(GROUP_THING, {"x": old, "y": None}, {"x": new, "y": ""}))
    (said,) = plan.changes
    assert said.startswith("aws_xray_group.this: x: ")
    assert "->" in said


def test_what_is_known_after_apply_is_a_change_and_what_is_sensitive_stays_hidden() -> None:
    """Neither is shown, both are named."""
    later = {"after_unknown": {"value": True}, "before_sensitive": {"value": True}}
    plan = read(change(GROUP_THING, {"value": "v", "b": 1}, {"b": 2}, **later, after_sensitive={"b": True}))
    assert plan.changes == [
        "aws_xray_group.this: b: (sensitive) -> (sensitive)",
        "aws_xray_group.this: value: (sensitive) -> (known after apply)",
    ]


def test_what_else_is_planned_is_told() -> None:
    """Creating, destroying, replacing; and a thing that the plan does not import."""
    other = Thing(GROUP, "xray", "o", Address("aws_xray_sampling_rule", "this", "o"), import_id="o")
    for actions, words in (
        (["create"], "would be created"),
        (["delete"], "would be destroyed"),
        (["delete", "create"], "would be replaced (delete, then create)"),
    ):
        plan = read(
            change(GROUP_THING, {}, {}, actions=["no-op"]),
            change(other, {}, {}, actions=actions, importing=None),
        )
        assert not plan.empty
        assert words in (plan.changes + plan.unmet)[0]
    assert read().unmet == ["aws_xray_group.this: is not imported by this plan"]


def test_what_would_be_made_beside_one_that_was_left_out() -> None:
    """AWS has one, and that is what is said; of another address it has none."""
    rule, other = (Thing(GROUP, "xray", k, Address("r", "this", k), import_id=k) for k in ("a", "b"))
    made = [change(one, {}, {}, actions=["create"], importing=None) for one in (rule, other)]
    quiet = change(GROUP_THING, {}, {}, actions=["no-op"])
    assert read(quiet, *made, left_out=(rule.address,)).unmet == [
        'r.this["a"]: would be created, and AWS has one that was left out',
        'r.this["b"]: would be created: the configuration asks for it, and AWS has none',
    ]
