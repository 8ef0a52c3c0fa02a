"""Which IAM actions recorded calls stand for. Operations and actions have the same names but for these.

Source: "Actions, resources, and condition keys for AWS services", service authorization reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# By the name that a service's calls are signed for.
_PREFIXES = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag"}
_S3 = {
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
}
# Whoever has credentials may ask who he is.
_NEEDS_NOTHING = {"sts:GetCallerIdentity"}


def actions_of(calls: Iterable[Mapping[str, Any]], access_key: str) -> set[str]:
    """Return the actions that *calls* with *access_key* needed; calls as the local cloud lists them.

    Raises ValueError for a call whose operation the local cloud could not tell.
    """
    found = {_action(call) for call in calls if call["access_key"] == access_key}
    return found - _NEEDS_NOTHING


def _action(call: Mapping[str, Any]) -> str:
    service, operation = call["service"], call["operation"]
    if not operation or " " in operation:
        raise ValueError(f"a call to {service or 'no service'} has no operation: {operation!r}")
    if service == "s3":
        operation = _S3.get(operation, operation)
    return f"{_PREFIXES.get(service, service)}:{operation}"
