"""S3, whose actions are named otherwise than its operations.

Source: "Required permissions for Amazon S3 API operations", S3 user guide.
"""

from urllib.parse import unquote

from localcloud.aws.authorisation.needs import ANY_RESOURCE, Caller, Requirement, text
from localcloud.aws.services import ServiceCall

_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}
_VERSIONED = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
_COPIES = {"CopyObject", "UploadPartCopy"}


def requirements(call: ServiceCall, caller: Caller) -> list[Requirement]:
    """Return the action on the bucket or object; a copy also needs to read its source."""
    action = _ACTIONS.get(call.operation, call.operation)
    if text(call.parameters.get("versionId")):
        action = _VERSIONED.get(action, action)
    needs = [Requirement(f"s3:{action}", _resource(call, caller), _context(call))]
    source = text(call.parameters.get("x-amz-copy-source"))
    if call.operation in _COPIES:
        path = unquote(source).lstrip("/").partition("?versionId=")[0]
        needs.append(Requirement("s3:GetObject", _arn(path, caller) if path else ANY_RESOURCE))
    return needs


def _context(call: ServiceCall) -> dict[str, list[str]]:
    prefix = call.parameters.get("prefix")
    return {"s3:prefix": [prefix] if isinstance(prefix, str) else []}


def _resource(call: ServiceCall, caller: Caller) -> str:
    bucket, key = text(call.parameters.get("Bucket")), text(call.parameters.get("Key"))
    if not bucket:
        return ANY_RESOURCE
    if call.operation == "DeleteObjects":
        # The keys are in the body; a policy for some of them only isn't enough here.
        return _arn(f"{bucket}/*", caller)
    return _arn(f"{bucket}/{key}" if key else bucket, caller)


def _arn(path: str, caller: Caller) -> str:
    return f"arn:{caller.partition}:s3:::{path}"
