"""What AWS has, by its own APIs. Nothing is written; of the Honeycomb key only its existence is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.adopt.things import ENCRYPTION, GROUP, LOG_GROUP, PARAMETER, RULE, Address, Thing
from scripts.verify.xray import rules_of
from xray.sampling import DEFAULT_RULE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef
    from mypy_boto3_xray import XRayClient
    from mypy_boto3_xray.type_defs import TagTypeDef

DEFAULT_GROUP_NAME = "Default"
NAMES_PER_FILTER = 50
NAMES_PER_CALL = 10
STRING = "String"
SECURE = "SecureString"

# The setting of a rule for each of X-Ray's members, with what X-Ray has where a member is left out.
_RULE_SETTINGS: Mapping[str, tuple[str, Any]] = {
    "priority": ("Priority", None),
    "reservoir_size": ("ReservoirSize", 0),
    "fixed_rate": ("FixedRate", None),
    "service_name": ("ServiceName", "*"),
    "service_type": ("ServiceType", "*"),
    "host": ("Host", "*"),
    "http_method": ("HTTPMethod", "*"),
    "url_path": ("URLPath", "*"),
    "resource_arn": ("ResourceARN", "*"),
    "version": ("Version", 1),
    "attributes": ("Attributes", {}),
}


def groups(client: XRayClient) -> list[Thing]:
    """Return every group but Default, all pages read, without tags."""
    pages = client.get_paginator("get_groups").paginate()
    found = [group for page in pages for group in page.get("Groups", [])]
    return [_group(group) for group in found if group.get("GroupName") != DEFAULT_GROUP_NAME]


def _group(found: Mapping[str, Any]) -> Thing:
    insights = found.get("InsightsConfiguration", {})
    return Thing(
        GROUP,
        "xray",
        found["GroupName"],
        Address("aws_xray_group", "this"),
        import_id=found["GroupARN"],
        own="group",
        arn=found["GroupARN"],
        values={
            "group_name": found["GroupName"],
            "filter_expression": found.get("FilterExpression", ""),
            "insights_enabled": insights.get("InsightsEnabled", False),
            "insights_notifications_enabled": insights.get("NotificationsEnabled", False),
        },
    )


def rules(client: XRayClient) -> list[Thing]:
    """Return every sampling rule but Default, all pages read, without tags."""
    found = rules_of(client)
    return [_rule(name, found[name]) for name in sorted(found) if name != DEFAULT_RULE_NAME]


def _rule(name: str, found: Mapping[str, Any]) -> Thing:
    return Thing(
        RULE,
        "xray",
        name,
        Address("aws_xray_sampling_rule", "this", name),
        import_id=name,
        own=f"rule/{name}",
        arn=found.get("RuleARN", ""),
        values={setting: found.get(member, other) for setting, (member, other) in _RULE_SETTINGS.items()},
    )


def encryption(client: XRayClient, region: str) -> Thing:
    """Return how X-Ray encrypts traces in *region*: one setting of the account, always there."""
    found = client.get_encryption_config()["EncryptionConfig"]
    values = {"type": found.get("Type", "NONE"), "key_id": found.get("KeyId")}
    address = Address("aws_xray_encryption_config", "this", 0)
    return Thing(ENCRYPTION, "xray", "", address, import_id=region, values={"encryption": values})


def xray_tags(client: XRayClient, arn: str) -> dict[str, str]:
    """Return the tags of a group or rule, all pages read."""
    tags: dict[str, str] = {}
    token: dict[str, str] = {}
    while True:
        page = client.list_tags_for_resource(ResourceARN=arn, **token)
        tags |= _tags(page.get("Tags", []))
        if not page.get("NextToken"):
            return tags
        token = {"NextToken": page["NextToken"]}


def described(client: SSMClient, names: Sequence[str]) -> dict[str, ParameterMetadataTypeDef]:
    """Return what SSM says of the parameters *names* that exist; no value is asked for."""
    found: dict[str, ParameterMetadataTypeDef] = {}
    for start in range(0, len(names), NAMES_PER_FILTER):
        wanted = list(names[start : start + NAMES_PER_FILTER])
        pages = client.get_paginator("describe_parameters").paginate(
            ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": wanted}]
        )
        found |= {one["Name"]: one for page in pages for one in page["Parameters"]}
    return found


def parameters(
    client: SSMClient, path: str, units: Mapping[str, str], about: Mapping[str, Mapping[str, Any]]
) -> list[Thing]:
    """Return the parameters of *about*, as ``described`` gives them, with tags; values of plain ones alone.

    *units* has the unit of each name below *path*.
    """
    plain = [name for name, found in about.items() if found["Type"] != SECURE]
    values: dict[str, str] = {}
    for start in range(0, len(plain), NAMES_PER_CALL):
        answer = client.get_parameters(Names=plain[start : start + NAMES_PER_CALL])
        values |= {one["Name"]: one["Value"] for one in answer["Parameters"]}
    things = []
    for below, unit in units.items():
        name = f"{path}/{below}"
        if name in about:
            things.append(_parameter(client, unit, below, about[name], values.get(name)))
    return things


def _parameter(
    client: SSMClient, unit: str, below: str, found: Mapping[str, Any], value: str | None
) -> Thing:
    name = found["Name"]
    tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return Thing(
        PARAMETER,
        unit,
        name,
        Address("aws_ssm_parameter", "this", None if unit == "logs" else below),
        import_id=name,
        own=below,
        arn=found.get("ARN", ""),
        values={
            "type": found["Type"],
            "value": value,
            "description": found.get("Description", ""),
            "allowed_pattern": found.get("AllowedPattern", ""),
        },
        tags=_tags(tags),
    )


def log_group(client: CloudWatchLogsClient, name: str) -> Thing | None:
    """Return the log group of exactly this name, with tags: DescribeLogGroups gives all that begin so."""
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name):
        for found in page["logGroups"]:
            if found["logGroupName"] == name:
                return _log_group(client, found)
    return None


def _log_group(client: CloudWatchLogsClient, found: Mapping[str, Any]) -> Thing:
    arn = str(found.get("logGroupArn") or found["arn"]).removesuffix(":*")
    return Thing(
        LOG_GROUP,
        "logs",
        found["logGroupName"],
        Address("aws_cloudwatch_log_group", "this"),
        import_id=found["logGroupName"],
        own="group",
        arn=arn,
        values={
            "logs_retention_days": found.get("retentionInDays"),
            "logs_kms_key_id": found.get("kmsKeyId"),
        },
        tags=dict(client.list_tags_for_resource(resourceArn=arn)["tags"]),
    )


def _tags(pairs: Iterable[TagTypeDef]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}
