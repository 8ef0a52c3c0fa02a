"""The log group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.verify.check import Result, compared, failed

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

    from scripts.verify.expected import LogGroup

FOR_EVER = "for ever"


def group_result(client: CloudWatchLogsClient, asked: LogGroup, remedy: str) -> Result:
    """Return whether the log group exists with exactly its retention and its KMS key."""
    check_id = f"logs.group.{asked.name}"
    wanted: dict[str, object] = {"retention": asked.retention_days, "key": asked.kms_key_id}
    found = _described(client, asked.name)
    if found is None:
        return failed(check_id, f"log group {asked.name}", "no such log group", remedy)
    actual: dict[str, object] = {
        "retention": found.get("retentionInDays", FOR_EVER),
        "key": found.get("kmsKeyId"),
    }
    return compared(check_id, wanted, actual, remedy)


def _described(client: CloudWatchLogsClient, name: str) -> LogGroupTypeDef | None:
    """Return the group of exactly this name: DescribeLogGroups gives all that begin with it."""
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name):
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                return group
    return None
