"""What all answers stand on: the backend, and what several operations share."""

from typing import Any

from localcloud.aws.xray.exceptions import InvalidRequestError
from localcloud.aws.xray.groups import Group
from localcloud.aws.xray.models import XRayBackend
from localcloud.aws.xray.tags import read_tags

Parameters = dict[str, Any]
Result = dict[str, Any]


class Answers:
    """Operations on one account's and region's backend; a method's name is the operation's."""

    def __init__(self, backend: XRayBackend) -> None:
        self._backend = backend


def find_group(backend: XRayBackend, parameters: Parameters) -> Group:
    """Return the group that the parameters name.

    Raises:
        InvalidRequestError: neither or both of name and ARN are given, or there is no such group.
    """
    return backend.groups.find(parameters.get("GroupName"), parameters.get("GroupARN"))


def new_tags(backend: XRayBackend, parameters: Parameters) -> dict[str, str]:
    """Return the tags that a resource is made with, checked."""
    tags = read_tags(parameters.get("Tags", []))
    backend.tags.check_new(tags)
    return tags


def refuse_next_token(parameters: Parameters) -> None:
    """Refuse any token where everything is on the first page, so that no token of ours exists.

    Raises:
        InvalidRequestError: there is a token.
    """
    if "NextToken" in parameters:
        raise InvalidRequestError("The NextToken is invalid")
