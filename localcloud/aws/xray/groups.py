"""Groups (source: the X-Ray API, CreateGroup; quotas: 25 custom groups a region)."""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.exceptions import InvalidRequestError

DEFAULT_GROUP_NAME = "Default"
GROUPS_MAX = 25
NOT_FOUND = "Group not found"


@dataclass(slots=True)
class Insights:
    """Whether a group looks for insights, and tells of them."""

    enabled: bool = False
    notifications: bool = False

    def changed(self, wanted: dict[str, bool] | None) -> "Insights":
        """Return the settings after a change that may leave members out.

        Raises:
            InvalidRequestError: notifications without insights.
        """
        wanted = wanted or {}
        enabled = wanted.get("InsightsEnabled", self.enabled)
        notifications = wanted.get("NotificationsEnabled", self.notifications and enabled)
        if notifications and not enabled:
            raise InvalidRequestError("NotificationsEnabled can only be true when InsightsEnabled is true")
        return Insights(enabled, notifications)


@dataclass(slots=True)
class Group:
    """A group: a name for the traces that a filter expression matches."""

    name: str
    arn: str
    filter_expression: str | None = None
    insights: Insights = field(default_factory=Insights)

    def to_api(self) -> dict[str, Any]:
        """Return the API's `Group`."""
        document: dict[str, Any] = {
            "GroupName": self.name,
            "GroupARN": self.arn,
            "InsightsConfiguration": {
                "InsightsEnabled": self.insights.enabled,
                "NotificationsEnabled": self.insights.notifications,
            },
        }
        if self.filter_expression is not None:
            document["FilterExpression"] = self.filter_expression
        return document


class Groups:
    """The groups of one account and region; Default always exists."""

    def __init__(self, place: Place) -> None:
        self._place = place
        default = Group(DEFAULT_GROUP_NAME, place.arn(f"group/{DEFAULT_GROUP_NAME}"))
        self._by_name = {DEFAULT_GROUP_NAME: default}

    def all(self) -> list[Group]:
        """Return the groups, Default first, then in the order of their making."""
        return list(self._by_name.values())

    def find(self, name: str | None, arn: str | None) -> Group:
        """Return the group with this name or ARN.

        Raises:
            InvalidRequestError: neither or both are given, or there is none.
        """
        if (name is None) == (arn is None):
            raise InvalidRequestError("Exactly one of GroupName and GroupARN must be given")
        for group in self._by_name.values():
            if name == group.name or arn == group.arn:
                return group
        raise InvalidRequestError(NOT_FOUND)

    def create(self, name: str, filter_expression: str | None, insights: dict[str, bool] | None) -> Group:
        """Make a group.

        Raises:
            InvalidRequestError: the name is taken, insights are inconsistent, or there are too many groups.
        """
        if name in self._by_name:
            raise InvalidRequestError(f"Group already exists: {name}")
        if len(self._by_name) - 1 >= GROUPS_MAX:
            raise InvalidRequestError(f"The maximum number of groups, {GROUPS_MAX}, has been reached")
        unique = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
        group = Group(
            name, self._place.arn(f"group/{name}/{unique}"), filter_expression, Insights().changed(insights)
        )
        self._by_name[name] = group
        return group

    def update(self, group: Group, filter_expression: str | None, insights: dict[str, bool] | None) -> None:
        """Change what is given of a group.

        Raises:
            InvalidRequestError: insights are inconsistent, or Default would get a filter.
        """
        if filter_expression is not None and group.name == DEFAULT_GROUP_NAME:
            raise InvalidRequestError("The filter expression of the Default group can't be changed")
        group.insights = group.insights.changed(insights)
        if filter_expression is not None:
            group.filter_expression = filter_expression

    def delete(self, group: Group) -> None:
        """Delete a group.

        Raises:
            InvalidRequestError: it is the Default group.
        """
        if group.name == DEFAULT_GROUP_NAME:
            raise InvalidRequestError("The Default group can't be deleted")
        del self._by_name[group.name]
