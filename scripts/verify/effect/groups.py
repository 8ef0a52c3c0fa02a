"""The groups that a group's filter names, as X-Ray has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.verify.xray import group_of
from xray.filters import GroupError, GroupVersion, group_names, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mypy_boto3_xray import XRayClient

    from xray.filters import Expression

GROUPS_MAX = 20


def named_groups(client: XRayClient, tree: Expression) -> Mapping[str, Sequence[GroupVersion]]:
    """Return the groups that *tree* names and those that their filters name; a call for each.

    A group that isn't there is left out. Raises FilterError for a filter that can't be read, GroupError for
    more than GROUPS_MAX groups, and one of ``aws.FAILURES``.
    """
    found: dict[str, list[GroupVersion]] = {}
    asked: set[str] = set()
    wanted = list(group_names(tree))
    while wanted:
        name = wanted.pop()
        if name in asked:
            continue
        asked.add(name)
        if len(asked) > GROUPS_MAX:
            raise GroupError(f"it leads to more than {GROUPS_MAX} groups")
        group = group_of(client, name)
        if group is None:
            continue
        text = group.get("FilterExpression")
        inner = parse(text) if text else None
        version = [GroupVersion(0.0, None, inner)]
        # The same object by both: a group that leads back to itself is told by it.
        found |= dict.fromkeys((name, group["GroupName"], group["GroupARN"]), version)
        wanted += [] if inner is None else list(group_names(inner))
    return found
