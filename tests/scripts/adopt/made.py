"""Things and a configuration for the tests of what is decided without AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scripts.adopt.asked import Asked
from scripts.adopt.things import GROUP, LOG_GROUP, PARAMETER, RULE, Address, Thing

ACCOUNT, REGION, PREFIX = "123456789012", "eu-west-1", "cruddur-dev-"
NAME, PATH = f"{PREFIX}backend-flask", "/cruddur/dev/backend-flask"
TAGS = {"Project": "cruddur", "Service": "backend-flask", "Environment": "dev", "ManagedBy": "terragrunt"}
SETTINGS: dict[str, Any] = {
    "service_name": "",
    "filter_expression": None,
    "honeycomb_dataset": "",
    "encryption": None,
    "sampling_rules": {},
    "allow_rules_that_sdks_ignore": False,
    "resource_tags": {},
    "resource_descriptions": {},
    "imported_parameters": {},
    "logs_retention_days": 30,
    "logs_kms_key_id": None,
}
RULE_VALUES: dict[str, Any] = {
    "priority": 9000,
    "reservoir_size": 5,
    "fixed_rate": 0.1,
    "service_name": NAME,
    "service_type": "*",
    "host": "*",
    "http_method": "*",
    "url_path": "*",
    "resource_arn": "*",
    "version": 1,
    "attributes": {},
}
ASKED = Asked(
    account_id=ACCOUNT,
    region=REGION,
    prefix=PREFIX,
    group_name=NAME,
    rule_names={"service": NAME, "health": f"{PREFIX}health"},
    parameter_path=PATH,
    tags=TAGS,
    settings=SETTINGS,
)
INPUTS: dict[str, dict[str, Any]] = {
    "xray": {
        "group_name": NAME,
        "filter_expression": f'service("{NAME}")',
        "insights_enabled": False,
        "insights_notifications_enabled": False,
        "sampling_rules": {NAME: RULE_VALUES, f"{PREFIX}health": {**RULE_VALUES, "url_path": "/health*"}},
    },
    "honeycomb": {"endpoint": "https://api.honeycomb.io", "dataset": NAME},
}


def asked(**settings: Any) -> Asked:
    """The configuration with other settings."""
    return replace(ASKED, settings={**SETTINGS, **settings})


def group(name: str = NAME, *, tags: dict[str, str] | None = None, arn: str = "", **values: Any) -> Thing:
    """A group as the configuration asks for it, save for what is given."""
    arn = arn or f"arn:aws:xray:{REGION}:{ACCOUNT}:group/{name}/ID"
    there = {name: INPUTS["xray"][name] for name in list(INPUTS["xray"])[:4]} | {"group_name": name} | values
    address = Address("aws_xray_group", "this")
    return Thing(GROUP, "xray", name, address, arn, own="group", arn=arn, values=there, tags=tags or {})


def rule(name: str = NAME, *, tags: dict[str, str] | None = None, arn: str = "", **values: Any) -> Thing:
    """A rule as the configuration asks for the service's, save for what is given."""
    return Thing(
        RULE,
        "xray",
        name,
        Address("aws_xray_sampling_rule", "this", name),
        name,
        own=f"rule/{name}",
        arn=arn or f"arn:aws:xray:{REGION}:{ACCOUNT}:sampling-rule/{name}",
        values={**RULE_VALUES, **values},
        tags=tags or {},
    )


def parameter(below: str, value: str | None, *, tags: dict[str, str] | None = None, **values: Any) -> Thing:
    """A plain parameter of unit honeycomb."""
    there = {"type": "String", "value": value, "description": "", "allowed_pattern": "", **values}
    name = f"{PATH}/{below}"
    address = Address("aws_ssm_parameter", "this", below)
    return Thing(PARAMETER, "honeycomb", name, address, name, own=below, values=there, tags=tags or {})


def log_group(days: int | None = 30, **tags: str) -> Thing:
    """The log group."""
    values = {"logs_retention_days": days, "logs_kms_key_id": None}
    address = Address("aws_cloudwatch_log_group", "this")
    return Thing(LOG_GROUP, "logs", PATH, address, PATH, own="group", values=values, tags=tags)
