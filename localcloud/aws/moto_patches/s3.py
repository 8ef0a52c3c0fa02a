"""Bucket policies: moto takes a condition that doesn't hold for a denial.

With the policy that Terragrunt gives its state bucket (no access without TLS), moto refuses every object.
"""

import json
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend

from localcloud.aws.authorisation.policies import Verdict, evaluate, read_policy
from localcloud.aws.strict_json import loads

_ANYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]})
_CONTEXT = {"aws:securetransport": ["true"], "aws:sourceip": ["127.0.0.1"]}
"""What is known without the caller. Loopback stands for TLS, which the key is about."""

_RESULTS = {
    Verdict.ALLOWED: PermissionResult.PERMITTED,
    Verdict.DENIED: PermissionResult.DENIED,
    Verdict.SILENT: PermissionResult.NEUTRAL,
}


def evaluate_bucket_policies() -> None:
    """Evaluate the statements about anybody with their conditions; those about others still say nothing."""

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy["Statement"]
        statements = statements if isinstance(statements, list) else [statements]
        about_anybody = [one for one in statements if one.get("Principal") in _ANYBODY]
        found = read_policy(json.dumps({"Statement": about_anybody}))
        return _RESULTS[evaluate(found, action, resource, _CONTEXT)]

    FakeBucket.get_permission = get_permission


def refuse_broken_policies() -> None:
    """Refuse a bucket policy that can't be read: moto keeps it, and fails on each later request."""
    original = S3Backend.put_bucket_policy

    def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> None:
        if not _is_policy(policy):
            message = "Policies must be valid JSON and the first byte must be '{'"
            raise S3ClientError("MalformedPolicy", message)
        original(self, bucket_name, policy)

    S3Backend.put_bucket_policy = put_bucket_policy


def _is_policy(policy: bytes) -> bool:
    try:
        document = loads(policy.decode())
    except ValueError:
        return False
    statements = document.get("Statement") if isinstance(document, dict) else None
    statements = statements if isinstance(statements, list) else [statements]
    return bool(statements) and all(isinstance(statement, dict) for statement in statements)
