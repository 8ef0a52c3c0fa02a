"""The tags of a call and of what it is about, for services whose resources are told by them.

Source: IAM user guide, "Controlling access to AWS resources using tags": aws:RequestTag has what the call
gives, aws:ResourceTag what the resource has. A prefix alone stands for every tag that isn't there.
"""

from collections.abc import Mapping
from dataclasses import replace

from localcloud.aws.authorisation.needs import Requirement

_REQUEST, _RESOURCE, _KEYS = "aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys"


def tagged(need: Requirement, given: Mapping[str, str], own: Mapping[str, str]) -> Requirement:
    """Return *need* with the tags *given* by the call, and the resource's *own*."""
    context = {
        _REQUEST: [],
        _RESOURCE: [],
        **{f"{_REQUEST}{key}": [value] for key, value in given.items()},
        **{f"{_RESOURCE}{key}": [value] for key, value in own.items()},
        _KEYS: list(given),
    }
    return replace(need, context={**need.context, **context})


def numbered(parameters: Mapping[str, object], prefix: str) -> dict[str, str]:
    """Return the tags of a form by the beginning of their names, as ``Tag.`` of Tag.1.Key and Tag.1.Value.

    A tag without a value, as what takes tags away may have it, has an empty one.
    """
    keys = (name for name in parameters if name.startswith(prefix) and name.endswith(".Key"))
    return {
        str(parameters[name]): str(parameters.get(f"{name.removesuffix('Key')}Value", "")) for name in keys
    }
