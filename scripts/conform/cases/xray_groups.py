"""Groups and their tags (source: the X-Ray API, CreateGroup, TagResource)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.conform.case import Cases, expect, expect_in, expect_names
from scripts.conform.xray_calls import REFUSED

if TYPE_CHECKING:
    from scripts.conform.surroundings import Surroundings

CASES = Cases("xray")


def _made(on: Surroundings, what: str, **more: object) -> dict[str, object]:
    name = on.name(what)
    on.remove_group(name)
    group: dict[str, object] = on.xray("CreateGroup", GroupName=name, **more)["Group"]
    return group


@CASES.case("group.create", "a group has a name, an ARN that ends in a unique id, its filter, insights off")
def _create(on: Surroundings) -> None:
    group = _made(on, "group", FilterExpression='service("conform")')
    expect("GroupName", group["GroupName"], on.name("group"))
    expect("FilterExpression", group["FilterExpression"], 'service("conform")')
    insights = {"InsightsEnabled": False, "NotificationsEnabled": False}
    expect("InsightsConfiguration", group["InsightsConfiguration"], insights)
    expect_in("GroupARN", f":group/{on.name('group')}/", str(group["GroupARN"]))


@CASES.case(
    "group.duplicate",
    f"a second group of the same name is {REFUSED} and is told that it exists",
    settles=["duplicate-name message"],
)
def _duplicate(on: Surroundings) -> None:
    _made(on, "twice")
    refusal = on.xray.refused("CreateGroup", GroupName=on.name("twice"))
    expect("code", refusal.code, REFUSED)
    expect("status", refusal.status, 400)
    expect_names("message", refusal.message, "exist")


@CASES.case("group.name.case", "names are case-sensitive", documented=True)
def _case(on: Surroundings) -> None:
    _made(on, "case")
    expect("GroupName", on.xray("GetGroup", GroupName=on.name("case"))["Group"]["GroupName"], on.name("case"))
    refusal = on.xray.refused("GetGroup", GroupName=on.name("case").upper())
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Group not found", refusal.message)


@CASES.case("group.name.length", "a name of 33 characters is refused, one of 32 taken", documented=True)
def _length(on: Surroundings) -> None:
    on.remove_group(on.long_name(32))
    on.xray("CreateGroup", GroupName=on.long_name(32))
    on.remove_group(on.long_name(33))
    refusal = on.xray.refused("CreateGroup", GroupName=on.long_name(33))
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "name")


@CASES.case("group.filter.invalid", f"a filter that can't be read is {REFUSED} and names the place")
def _invalid(on: Surroundings) -> None:
    name = on.name("broken")
    on.remove_group(name)
    refusal = on.xray.refused("CreateGroup", GroupName=name, FilterExpression="duration <")
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Error Location: line 1, position", refusal.message)


@CASES.case("group.missing", "an unknown group is answered with `Group not found`", documented=True)
def _missing(on: Surroundings) -> None:
    refusal = on.xray.refused("GetGroup", GroupName=on.name("nobody"))
    expect("code", refusal.code, REFUSED)
    expect_in("message", "Group not found", refusal.message)


@CASES.case("group.default", "the group Default exists and has no filter")
def _default(on: Surroundings) -> None:
    group = on.xray("GetGroup", GroupName="Default")["Group"]
    expect("name", group["GroupName"], "Default")
    expect("filter", group.get("FilterExpression") or None, None)


@CASES.case("group.default.kept", f"the group Default can't be deleted: {REFUSED}", local_only=True)
def _default_kept(on: Surroundings) -> None:
    refusal = on.xray.refused("DeleteGroup", GroupName="Default")
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "Default")


@CASES.case("group.update", "an update changes what it gives and leaves the rest", documented=True)
def _update(on: Surroundings) -> None:
    _made(on, "update", FilterExpression="fault")
    name = on.name("update")
    on.xray("UpdateGroup", GroupName=name, InsightsConfiguration={"InsightsEnabled": True})
    group = on.xray("GetGroup", GroupName=name)["Group"]
    expect("filter", group["FilterExpression"], "fault")
    expect("insights", group["InsightsConfiguration"]["InsightsEnabled"], True)


@CASES.case("group.insights.notifications", "notifications need insights", documented=True)
def _notifications(on: Surroundings) -> None:
    wanted = {"InsightsEnabled": False, "NotificationsEnabled": True}
    name = on.name("notify")
    on.remove_group(name)
    refusal = on.xray.refused("CreateGroup", GroupName=name, InsightsConfiguration=wanted)
    expect("code", refusal.code, REFUSED)
    expect_names("message", refusal.message, "notification")


@CASES.case("group.tags", "tags are listed as they were given, changed, and taken away", documented=True)
def _tags(on: Surroundings) -> None:
    arn = _made(on, "tags", Tags=[{"Key": "a", "Value": "1"}])["GroupARN"]
    on.xray("TagResource", ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    on.xray("UntagResource", ResourceARN=arn, TagKeys=["a"])
    expect("tags", on.xray("ListTagsForResource", ResourceARN=arn)["Tags"], [{"Key": "b", "Value": "2"}])


@CASES.case("group.tags.missing", "tags of a group that is gone are a ResourceNotFoundException, 404")
def _tags_missing(on: Surroundings) -> None:
    name = on.name("gone")
    arn = _made(on, "gone")["GroupARN"]
    on.xray("DeleteGroup", GroupName=name)
    expect_in("GetGroup", "Group not found", on.xray.refused("GetGroup", GroupName=name).message)
    refusal = on.xray.refused("TagResource", ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}])
    expect("code", refusal.code, "ResourceNotFoundException")
    expect("status", refusal.status, 404)
    expect_names("message", refusal.message, "not found", "not exist")
