"""What the configuration asks for, read from the rendered units: no second list of values stands here.

An input that is not known here is an error: what is asked for and not looked at must not pass unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scripts.terragrunt.render import Unit

KEY_NAME = "honeycomb/api-key"
LOG_GROUP_NAME = "logs/group-name"
SSM_KEY_ALIAS = "alias/aws/ssm"

RULE_MEMBERS = {
    "priority": "Priority",
    "fixed_rate": "FixedRate",
    "reservoir_size": "ReservoirSize",
    "service_name": "ServiceName",
    "service_type": "ServiceType",
    "host": "Host",
    "http_method": "HTTPMethod",
    "url_path": "URLPath",
    "resource_arn": "ResourceARN",
    "version": "Version",
    "attributes": "Attributes",
}
"""X-Ray's name for each setting of a rule, as the xray unit and Terraform's resource call it."""
# The parameter below the path that each input of the honeycomb unit becomes (stacks/honeycomb/main.tf).
_PARAMETERS = {
    "endpoint": "honeycomb/endpoint",
    "dataset": "honeycomb/dataset",
    "xray_group_name": "xray/group-name",
    "xray_sampling_rule_name": "xray/sampling-rule-name",
}
# Inputs that are no value of a resource: the place, tags, and leave for rules that X-Ray itself accepts.
_ASIDE = {
    "parameter_path",
    "tags",
    "resource_tags",
    "resource_descriptions",
    "imported_parameters",
    "allow_rules_that_sdks_ignore",
}
_XRAY = {
    "group_name",
    "filter_expression",
    "insights_enabled",
    "insights_notifications_enabled",
    "encryption",
    "sampling_rules",
}
_KEY = {"key_version", "kms_key_id"}
_LOGS = {"group_name", "retention_days", "kms_key_id"}


@dataclass(frozen=True)
class Group:
    """An X-Ray group as asked for."""

    name: str
    filter_expression: str
    insights_enabled: bool
    notifications_enabled: bool


@dataclass(frozen=True)
class Encryption:
    """X-Ray's encryption as asked for: ``NONE``, or ``KMS`` with a key."""

    type: str
    key_id: str | None


@dataclass(frozen=True)
class XRay:
    """What the xray unit asks for; rules by name, each with X-Ray's own member names.

    ``allows_ignored_rules`` is the leave for rules that SDKs skip.
    """

    group: Group
    rules: Mapping[str, Mapping[str, Any]]
    encryption: Encryption | None
    allows_ignored_rules: bool = False


@dataclass(frozen=True)
class Parameters:
    """What the honeycomb unit asks for: values by full parameter name, and Honeycomb's own address."""

    values: Mapping[str, str]
    endpoint: str


@dataclass(frozen=True)
class Key:
    """What the honeycomb-key unit asks for: the parameter, the KMS key, the version last written."""

    name: str
    kms_key_id: str
    description: str


@dataclass(frozen=True)
class LogGroup:
    """What the logs unit asks for: the group, and the parameter that holds its name."""

    name: str
    retention_days: int
    kms_key_id: str | None
    parameter: str


def xray(unit: Unit) -> XRay:
    """Return what the xray unit asks for. Raises OperatorError for inputs that are missing or not known."""
    inputs = _checked(unit, _XRAY)
    encryption = inputs["encryption"]
    return XRay(
        group=Group(
            name=inputs["group_name"],
            filter_expression=inputs["filter_expression"],
            insights_enabled=inputs["insights_enabled"],
            notifications_enabled=inputs["insights_notifications_enabled"],
        ),
        rules={name: _rule(unit, name, rule) for name, rule in inputs["sampling_rules"].items()},
        encryption=None if encryption is None else Encryption(encryption["type"], encryption.get("key_id")),
        allows_ignored_rules=inputs.get("allow_rules_that_sdks_ignore") is True,
    )


def parameters(unit: Unit) -> Parameters:
    """Return what the honeycomb unit asks for. Raises OperatorError for inputs missing or not known."""
    inputs = _checked(unit, set(_PARAMETERS))
    path = inputs["parameter_path"]
    values = {f"{path}/{below}": str(inputs[name]) for name, below in _PARAMETERS.items()}
    return Parameters(values, inputs["endpoint"])


def key(unit: Unit) -> Key:
    """Return what the honeycomb-key unit asks for. Raises OperatorError for inputs missing or not known."""
    inputs = _checked(unit, _KEY)
    return Key(
        name=f"{inputs['parameter_path']}/{KEY_NAME}",
        kms_key_id=inputs["kms_key_id"] or SSM_KEY_ALIAS,
        description=f"Honeycomb API key, version {inputs['key_version']}",
    )


def log_group(unit: Unit) -> LogGroup:
    """Return what the logs unit asks for. Raises OperatorError for inputs missing or not known."""
    inputs = _checked(unit, _LOGS)
    return LogGroup(
        name=inputs["group_name"],
        retention_days=inputs["retention_days"],
        kms_key_id=inputs["kms_key_id"],
        parameter=f"{inputs['parameter_path']}/{LOG_GROUP_NAME}",
    )


def _rule(unit: Unit, name: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    _refuse(unit, f"sampling rule {name}", set(rule), set(RULE_MEMBERS))
    return {member: rule[setting] for setting, member in RULE_MEMBERS.items()}


def _checked(unit: Unit, known: Collection[str]) -> Mapping[str, Any]:
    given = {name for name in unit.inputs if name not in _ASIDE}
    _refuse(unit, "inputs", given, set(known))
    return unit.inputs


def _refuse(unit: Unit, what: str, given: set[str], known: set[str]) -> None:
    if given != known:
        missing, unknown = sorted(known - given), sorted(given - known)
        raise OperatorError(
            f"{what} of unit {unit.name}: missing {missing}, not known to verify {unknown}",
            remedy="bring scripts/verify/expected.py and the unit in step",
        )
