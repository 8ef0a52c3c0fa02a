"""Groups over boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.groups import Groups

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

    from tests.localcloud.aws.conftest import Endpoint


def test_default_group_exists_and_stays(xray: XRayClient) -> None:
    """Every region has the group Default, without a filter; it can't be deleted or made again."""
    groups = xray.get_groups()["Groups"]
    assert [group["GroupName"] for group in groups] == ["Default"]
    assert groups[0]["GroupARN"].endswith(":123456789012:group/Default")
    assert "FilterExpression" not in groups[0]
    with pytest.raises(ClientError, match="Default group can't be deleted"):
        xray.delete_group(GroupName="Default")
    with pytest.raises(ClientError, match="already exists"):
        xray.create_group(GroupName="Default")


def test_group_lives_by_name_and_arn(xray: XRayClient) -> None:
    """A group is read, changed and deleted by its name or its ARN."""
    made = xray.create_group(GroupName="web", FilterExpression='service("web")')["Group"]
    assert made["InsightsConfiguration"] == {"InsightsEnabled": False, "NotificationsEnabled": False}
    assert xray.get_group(GroupARN=made["GroupARN"])["Group"] == made
    changed = xray.update_group(GroupARN=made["GroupARN"], FilterExpression="fault")["Group"]
    assert changed == {**made, "FilterExpression": "fault"}
    assert xray.get_group(GroupName="web")["Group"] == changed
    xray.delete_group(GroupARN=made["GroupARN"])
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Group not found"):
        xray.get_group(GroupName="web")


def test_group_update_changes_only_what_is_sent(xray: XRayClient) -> None:
    """An update without a filter keeps it; insights can be switched without notifications."""
    xray.create_group(GroupName="web", FilterExpression="fault")
    insights: Any = {"InsightsEnabled": True, "NotificationsEnabled": True}
    changed = xray.update_group(GroupName="web", InsightsConfiguration=insights)["Group"]
    assert changed["FilterExpression"] == "fault"
    assert changed["InsightsConfiguration"] == insights
    changed = xray.update_group(GroupName="web", InsightsConfiguration={"InsightsEnabled": False})["Group"]
    assert changed["InsightsConfiguration"] == {"InsightsEnabled": False, "NotificationsEnabled": False}


def test_notifications_need_insights(xray: XRayClient) -> None:
    """Notifications without insights are refused, and nothing is made."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match="InsightsEnabled"):
        xray.create_group(GroupName="web", InsightsConfiguration={"NotificationsEnabled": True})
    assert len(xray.get_groups()["Groups"]) == 1


def test_group_names_are_unique_by_case(xray: XRayClient) -> None:
    """Two groups may differ by case alone, but not be named alike."""
    xray.create_group(GroupName="web")
    xray.create_group(GroupName="Web")
    with pytest.raises(xray.exceptions.InvalidRequestException, match="already exists"):
        xray.create_group(GroupName="web")


def test_a_group_does_not_lead_back_to_itself(xray: XRayClient) -> None:
    """A filter that names the group itself, or one that names it, is refused; the group stays as it was."""
    made = xray.create_group(GroupName="a", FilterExpression="ok")["Group"]
    xray.create_group(GroupName="b", FilterExpression='group.name = "a"')
    for filter_expression in ('group.name = "b"', 'fault AND !group.name = "a"'):
        with pytest.raises(xray.exceptions.InvalidRequestException, match="leads back to itself"):
            xray.update_group(GroupName="a", FilterExpression=filter_expression)
    with pytest.raises(xray.exceptions.InvalidRequestException, match="leads back to itself"):
        xray.update_group(
            GroupName="b",
            FilterExpression=f'group.arn = "{xray.get_group(GroupName="b")["Group"]["GroupARN"]}"',
        )
    with pytest.raises(xray.exceptions.InvalidRequestException, match="leads back to itself: new -> new"):
        xray.create_group(GroupName="new", FilterExpression='group.name = "new"')
    assert xray.get_group(GroupName="a")["Group"] == made
    xray.update_group(GroupName="b", FilterExpression="error")
    changed = xray.update_group(GroupName="a", FilterExpression='group.name = "b"')["Group"]
    assert changed["FilterExpression"] == 'group.name = "b"'


def test_a_group_whose_filter_names_a_deleted_one_can_be_asked_for(xray: XRayClient) -> None:
    """The deleted group holds nothing there, and a new one of its name may not lead back."""
    xray.create_group(GroupName="a", FilterExpression="ok")
    xray.create_group(GroupName="b", FilterExpression='group.name = "a" OR fault')
    xray.delete_group(GroupName="a")
    times: Any = {"StartTime": 1.0, "EndTime": 2.0}
    found = xray.get_trace_summaries(**times, FilterExpression='group.name = "b"')
    assert found["TraceSummaries"] == []
    with pytest.raises(xray.exceptions.InvalidRequestException, match="there is no group"):
        xray.get_trace_summaries(**times, FilterExpression='group.name = "a"')
    with pytest.raises(xray.exceptions.InvalidRequestException, match="leads back to itself: a -> b -> a"):
        xray.create_group(GroupName="a", FilterExpression='group.name = "b"')


def test_group_quota(xray: XRayClient) -> None:
    """The 26th custom group is refused."""
    for number in range(25):
        xray.create_group(GroupName=f"group-{number}")
    with pytest.raises(xray.exceptions.InvalidRequestException, match="25"):
        xray.create_group(GroupName="one-more")


def test_either_name_or_arn(xray: XRayClient) -> None:
    """Neither name nor ARN, or both, is refused."""
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Exactly one"):
        xray.get_group()
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Exactly one"):
        xray.get_group(GroupName="Default", GroupARN="arn:aws:xray:us-east-1:123456789012:group/Default")


def test_tags_of_groups(xray: XRayClient) -> None:
    """Tags come with a group, are added, replaced and removed, and go with it."""
    arn = xray.create_group(GroupName="web", Tags=[{"Key": "env", "Value": "dev"}])["Group"]["GroupARN"]
    xray.tag_resource(ResourceARN=arn, Tags=[{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": ""}])
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "env", "Value": "prod"},
        {"Key": "team", "Value": ""},
    ]
    xray.untag_resource(ResourceARN=arn, TagKeys=["env", "never-there"])
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": ""}]
    xray.delete_group(GroupARN=arn)
    with pytest.raises(xray.exceptions.ResourceNotFoundException):
        xray.list_tags_for_resource(ResourceARN=arn)


def test_tag_limits(xray: XRayClient) -> None:
    """More than 50 tags, reserved and doubled keys are refused with the API's own errors."""
    arn = xray.create_group(GroupName="web")["Group"]["GroupARN"]
    many: Any = [{"Key": f"key-{number}", "Value": "x"} for number in range(51)]
    with pytest.raises(xray.exceptions.TooManyTagsException):
        xray.tag_resource(ResourceARN=arn, Tags=many)
    with pytest.raises(xray.exceptions.InvalidRequestException, match="at most 50"):
        xray.create_group(GroupName="other", Tags=many)
    with pytest.raises(xray.exceptions.InvalidRequestException, match="aws:"):
        xray.tag_resource(ResourceARN=arn, Tags=[{"Key": "aws:x", "Value": "x"}])
    with pytest.raises(xray.exceptions.InvalidRequestException, match="Duplicate"):
        xray.tag_resource(ResourceARN=arn, Tags=many[:1] * 2)
    assert xray.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_groups_are_found_while_others_make_some() -> None:
    """Readers are in threads: a group made while one is looked for is no error."""
    groups = Groups(Place("aws", "us-east-1", "123456789012"), lambda: 1.0)
    made = groups.create("a", None, None)

    class Meanwhile(str):
        """A name in the midst of whose comparison a group is made."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            if len(groups.all()) < 5:
                groups.create(f"more-{len(groups.all())}", None, None)
            return str.__eq__(self, other)

    assert groups.find(Meanwhile("a"), None) is made
    with pytest.raises(InvalidRequestError, match="Group not found"):
        groups.find(Meanwhile("b"), None)


def test_accounts_and_regions_are_apart(xray: XRayClient, endpoint: Endpoint) -> None:
    """A group of one region isn't seen in another."""
    xray.create_group(GroupName="web")
    other = endpoint.client("xray", region_name="us-gov-west-1")
    assert [group["GroupName"] for group in other.get_groups()["Groups"]] == ["Default"]
    other.close()
