"""The X-Ray group and the sampling rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scripts import filters
from scripts.verify.check import Result, compared, failed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import GroupTypeDef

    from scripts.verify.expected import Encryption, Group

UPDATING = "UPDATING"
"""X-Ray's encryption for some minutes after a change."""


def group_of(client: XRayClient, name: str) -> GroupTypeDef | None:
    """Return the group of a name or ARN as X-Ray has it, or None. Raises one of ``aws.FAILURES``."""
    try:
        if name.startswith("arn:"):
            return client.get_group(GroupARN=name)["Group"]
        return client.get_group(GroupName=name)["Group"]
    except ClientError as error:
        # GetGroup has no error of its own for this; the text is what Terraform's provider matches too.
        if "not found" not in str(error.response["Error"].get("Message", "")).lower():
            raise
        return None


def group_result(client: XRayClient, group: Group, remedy: str) -> Result:
    """Return whether *group* exists with exactly its filter, which can be read, and its insights."""
    return judged(group_of(client, group.name), group, remedy)


def judged(found: GroupTypeDef | None, group: Group, remedy: str) -> Result:
    """Return the same of *found*, what X-Ray has under the group's name."""
    check_id = f"xray.group.{group.name}"
    wanted: dict[str, object] = {
        "filter": group.filter_expression,
        "insights": group.insights_enabled,
        "notifications": group.notifications_enabled,
    }
    if found is None:
        return failed(check_id, f"group {group.name}", "no such group", remedy)
    insights = found.get("InsightsConfiguration", {})
    actual: dict[str, object] = {
        "filter": found.get("FilterExpression", ""),
        "insights": insights.get("InsightsEnabled", False),
        "notifications": insights.get("NotificationsEnabled", False),
    }
    result = compared(check_id, wanted, actual, remedy)
    text = found.get("FilterExpression")
    why = filters.problem(text) if text else None
    if why is None:
        return result
    if text == group.filter_expression:
        remedy = f"correct {filters.INPUT} of unit xray, then {remedy}"
    return failed(check_id, result.expected, f"{result.actual}; the filter can't be read: {why}", remedy)


def encryption_result(client: XRayClient, encryption: Encryption, remedy: str) -> Result:
    """Return whether X-Ray encrypts as asked for; of a key, ARN and bare id are the same."""
    found = client.get_encryption_config()["EncryptionConfig"]
    wanted: dict[str, object] = {"type": encryption.type, "status": "ACTIVE"}
    actual: dict[str, object] = {"type": found.get("Type"), "status": found.get("Status")}
    if encryption.key_id is not None:
        wanted["key"] = encryption.key_id.rsplit("/", 1)[-1]
        actual["key"] = str(found.get("KeyId", "")).rsplit("/", 1)[-1]
    if wanted | {"status": UPDATING} == actual:
        remedy = "wait some minutes: X-Ray is still at it"
    return compared("xray.encryption", wanted, actual, remedy)


def rules_of(client: XRayClient) -> dict[str, Mapping[str, Any]]:
    """Return every sampling rule by its name, all pages read."""
    pages = client.get_paginator("get_sampling_rules").paginate()
    records = (record for page in pages for record in page.get("SamplingRuleRecords", []))
    return {str(record["SamplingRule"].get("RuleName")): record["SamplingRule"] for record in records}


def rule_result(
    rules: Mapping[str, Mapping[str, Any]], name: str, wanted: Mapping[str, Any], remedy: str
) -> Result:
    """Return whether *rules* has rule *name* with exactly the values *wanted*."""
    check_id = f"xray.rule.{name}"
    if name not in rules:
        return failed(check_id, f"sampling rule {name}", "no such rule", remedy)
    actual = {"Attributes": {}, **rules[name]}
    return compared(check_id, dict(wanted), actual, remedy)
