"""Tags of groups and rules.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, refuse_next_token
from localcloud.aws.xray.tags import read_tags


class TagAnswers(Answers):
    """ListTagsForResource, TagResource, UntagResource."""

    def list_tags_for_resource(self, parameters: Parameters) -> Result:
        """Return a resource's tags."""
        refuse_next_token(parameters)
        tags = self._backend.tags.of(parameters["ResourceARN"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def tag_resource(self, parameters: Parameters) -> Result:
        """Add tags to a resource."""
        self._backend.tags.add(parameters["ResourceARN"], read_tags(parameters["Tags"]))
        return {}

    def untag_resource(self, parameters: Parameters) -> Result:
        """Remove tags from a resource."""
        self._backend.tags.remove(parameters["ResourceARN"], parameters["TagKeys"])
        return {}
