"""Groups.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import (
    Answers,
    Parameters,
    Result,
    find_group,
    new_tags,
    refuse_next_token,
)


class GroupAnswers(Answers):
    """CreateGroup, GetGroup, GetGroups, UpdateGroup, DeleteGroup."""

    def create_group(self, parameters: Parameters) -> Result:
        """Make a group with its tags."""
        tags = new_tags(self._backend, parameters)
        group = self._backend.groups.create(
            parameters["GroupName"],
            parameters.get("FilterExpression"),
            parameters.get("InsightsConfiguration"),
        )
        self._backend.tags.add(group.arn, tags)
        return {"Group": group.to_api()}

    def get_group(self, parameters: Parameters) -> Result:
        """Return one group."""
        return {"Group": find_group(self._backend, parameters).to_api()}

    def get_groups(self, parameters: Parameters) -> Result:
        """Return every group."""
        refuse_next_token(parameters)
        return {"Groups": [group.to_api() for group in self._backend.groups.all()]}

    def update_group(self, parameters: Parameters) -> Result:
        """Change what is given of a group."""
        group = find_group(self._backend, parameters)
        self._backend.groups.update(
            group, parameters.get("FilterExpression"), parameters.get("InsightsConfiguration")
        )
        return {"Group": group.to_api()}

    def delete_group(self, parameters: Parameters) -> Result:
        """Delete a group and its tags."""
        group = find_group(self._backend, parameters)
        self._backend.groups.delete(group)
        self._backend.tags.forget(group.arn)
        return {}
