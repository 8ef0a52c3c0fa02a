"""Groups (source: the X-Ray API, CreateGroup; quotas: 25 custom groups a region)."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.xray.arns import Place
from localcloud.aws.xray.exceptions import InvalidRequestError
from xray.filters import Expression, FilterError, GroupVersion, parse, require_sound

DEFAULT_GROUP_NAME = "Default"
GROUPS_MAX = 25
VERSIONS_MAX = 20
"""Older filters of a group are forgotten: what arrived while they held is no longer the group's."""
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
    """A group: a name for the traces that a filter expression matches.

    `versions` are its filters, the present one last: each counts for the traces that arrive in its time.
    """

    name: str
    arn: str
    filter_expression: str | None = None
    insights: Insights = field(default_factory=Insights)
    versions: list[GroupVersion] = field(default_factory=list)

    def change_filter(self, text: str | None, expression: Expression | None, now: float) -> None:
        """Let another filter count for what arrives from now on."""
        self.filter_expression = text
        last = self.versions[-1] if self.versions else None
        if last is not None and last.expression == expression:
            return
        if last is not None:
            self.versions[-1] = last._replace(valid_until=now)
        self.versions.append(GroupVersion(now, None, expression))
        del self.versions[:-VERSIONS_MAX]

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

    def __init__(self, place: Place, clock: Callable[[], float]) -> None:
        self._place = place
        self._clock = clock
        default = Group(DEFAULT_GROUP_NAME, place.arn(f"group/{DEFAULT_GROUP_NAME}"))
        default.change_filter(None, None, 0.0)
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
        for group in self.all():
            if name == group.name or arn == group.arn:
                return group
        raise InvalidRequestError(NOT_FOUND)

    def versions(self) -> dict[str, tuple[GroupVersion, ...]]:
        """Return the versions of each group's filter, by its name and again by its ARN."""
        found = {}
        for group in self.all():
            found[group.name] = found[group.arn] = tuple(group.versions)
        return found

    def create(self, name: str, filter_expression: str | None, insights: dict[str, bool] | None) -> Group:
        """Make a group.

        Raises:
            InvalidRequestError: the name is taken, the filter can't be read or names the group itself,
                insights are inconsistent, or there are too many groups.
        """
        if name in self._by_name:
            raise InvalidRequestError(f"Group already exists: {name}")
        if len(self._by_name) - 1 >= GROUPS_MAX:
            raise InvalidRequestError(f"The maximum number of groups, {GROUPS_MAX}, has been reached")
        expression = self._read_filter(filter_expression, name)
        unique = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
        group = Group(name, self._place.arn(f"group/{name}/{unique}"), insights=Insights().changed(insights))
        group.change_filter(filter_expression, expression, self._clock())
        self._by_name[name] = group
        return group

    def update(self, group: Group, filter_expression: str | None, insights: dict[str, bool] | None) -> None:
        """Change what is given of a group.

        Raises:
            InvalidRequestError: insights are inconsistent, the filter can't be read or leads back to the
                group, or Default would get one; nothing is changed then.
        """
        if filter_expression is not None and group.name == DEFAULT_GROUP_NAME:
            raise InvalidRequestError("The filter expression of the Default group can't be changed")
        expression = self._read_filter(filter_expression, group.name, group.arn)
        group.insights = group.insights.changed(insights)
        if filter_expression is not None:
            group.change_filter(filter_expression, expression, self._clock())

    def delete(self, group: Group) -> None:
        """Delete a group.

        Raises:
            InvalidRequestError: it is the Default group.
        """
        if group.name == DEFAULT_GROUP_NAME:
            raise InvalidRequestError("The Default group can't be deleted")
        del self._by_name[group.name]

    def _read_filter(self, text: str | None, *names: str) -> Expression | None:
        """Return the tree of a filter for the group of these names, None for one of all traces."""
        if not text:
            return None
        try:
            expression = parse(text)
            require_sound(expression, names, self.versions())
        except FilterError as error:
            raise InvalidRequestError(str(error)) from error
        return expression
