"""What the cloud held before a fault was planted, and how all of it is put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xray.sampling import DEFAULT_RULE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NAMES_PER_CALL = 10
_OF_PARAMETER = ("Type", "KeyId", "Description", "Version", "LastModifiedDate")
_OF_GROUP = ("FilterExpression", "InsightsConfiguration")
_OF_LOG_GROUP = ("retentionInDays", "kmsKeyId")
_Things = dict[str, dict[str, Any]]


class Kept:
    """Parameters, groups, rules, encryption, policies and log groups of one cloud.

    ``parameters_put_back`` counts: what was put back has another date than what a backend has loaded.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._ssm, self._xray, self._logs = client("ssm"), client("xray"), client("logs")
        self.parameters_put_back = 0
        self.keep()

    def keep(self) -> None:
        """Take what is there now for what it should be."""
        self._parameters = self._find_parameters()
        self._values = {
            parameter["Name"]: parameter["Value"]
            for page in self._ssm.get_paginator("get_parameters_by_path").paginate(
                Path="/", Recursive=True, WithDecryption=True
            )
            for parameter in page["Parameters"]
        }
        self._parameter_tags = {
            name: self._ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
            for name in self._parameters
        }
        self._groups, self._rules = self._find_groups(), self._find_rules()
        self._xray_tags = {
            arn: self._xray.list_tags_for_resource(ResourceARN=arn)["Tags"]
            for arn in (
                *(group["GroupARN"] for group in self._xray.get_groups()["Groups"]),
                *(rule["RuleARN"] for name, rule in self._rules.items() if name != DEFAULT_RULE_NAME),
            )
        }
        self._encryption = self._find_encryption()
        self._policies = self._find_policies()
        self._log_groups = self._find_log_groups()

    def put_back(self) -> None:
        """Have everything as it was kept."""
        self._put_back_parameters()
        self._put_back_groups()
        self._put_back_rules()
        if self._find_encryption() != self._encryption:
            self._xray.put_encryption_config(**self._encryption)
        for name in self._find_policies() - self._policies:
            self._xray.delete_resource_policy(PolicyName=name)
        self._put_back_log_groups()

    def _find_parameters(self) -> _Things:
        pages = self._ssm.get_paginator("describe_parameters").paginate()
        return _picked((one for page in pages for one in page["Parameters"]), "Name", _OF_PARAMETER)

    def _put_back_parameters(self) -> None:
        there = self._find_parameters()
        wrong = [name for name, one in there.items() if one != self._parameters.get(name)]
        for start in range(0, len(wrong), _NAMES_PER_CALL):
            self._ssm.delete_parameters(Names=wrong[start : start + _NAMES_PER_CALL])
        missing = [name for name in self._parameters if name not in there or name in wrong]
        for name in missing:
            kept = self._parameters[name]
            more = {member: kept[member] for member in ("KeyId", "Description") if kept[member]}
            self._ssm.put_parameter(
                Name=name,
                Value=self._values[name],
                Type=kept["Type"],
                Tags=self._parameter_tags[name],
                **more,
            )
        if missing:
            self.parameters_put_back += 1
            self._parameters |= {
                name: one for name, one in self._find_parameters().items() if name in missing
            }

    def _find_groups(self) -> _Things:
        return _picked(self._xray.get_groups()["Groups"], "GroupName", (*_OF_GROUP, "GroupARN"))

    def _put_back_groups(self) -> None:
        there = self._find_groups()
        for name in there.keys() - self._groups.keys():
            self._xray.delete_group(GroupName=name)
        for name, kept in self._groups.items():
            values = {member: kept[member] for member in _OF_GROUP if kept[member] is not None}
            if name not in there:
                tags = self._xray_tags[kept["GroupARN"]]
                self._xray.create_group(GroupName=name, Tags=tags, **values)
            elif there[name] != kept:
                self._xray.update_group(GroupName=name, **values)

    def _find_rules(self) -> _Things:
        pages = self._xray.get_paginator("get_sampling_rules").paginate()
        rules = (record["SamplingRule"] for page in pages for record in page["SamplingRuleRecords"])
        return {rule["RuleName"]: rule for rule in rules}

    def _put_back_rules(self) -> None:
        there = self._find_rules()
        default, kept_default = there.pop(DEFAULT_RULE_NAME), self._rules[DEFAULT_RULE_NAME]
        if default != kept_default:
            members = ("RuleName", "FixedRate", "ReservoirSize")
            self._xray.update_sampling_rule(
                SamplingRuleUpdate={member: kept_default[member] for member in members}
            )
        for name, rule in there.items():
            if rule != self._rules.get(name):
                self._xray.delete_sampling_rule(RuleName=name)
        for name, kept in self._rules.items():
            if name != DEFAULT_RULE_NAME and there.get(name) != kept:
                values = {member: value for member, value in kept.items() if member != "RuleARN"}
                self._xray.create_sampling_rule(SamplingRule=values, Tags=self._xray_tags[kept["RuleARN"]])

    def _find_encryption(self) -> dict[str, str]:
        found = self._xray.get_encryption_config()["EncryptionConfig"]
        return {member: found[member] for member in ("Type", "KeyId") if found.get(member)}

    def _find_policies(self) -> set[str]:
        return {policy["PolicyName"] for policy in self._xray.list_resource_policies()["ResourcePolicies"]}

    def _find_log_groups(self) -> _Things:
        return _picked(self._logs.describe_log_groups()["logGroups"], "logGroupName", _OF_LOG_GROUP)

    def _put_back_log_groups(self) -> None:
        there = self._find_log_groups()
        for name, one in there.items():
            if name not in self._log_groups or one["kmsKeyId"] != self._log_groups[name]["kmsKeyId"]:
                self._logs.delete_log_group(logGroupName=name)
        for name, kept in self._log_groups.items():
            if name not in self._find_log_groups():
                more = {"kmsKeyId": kept["kmsKeyId"]} if kept["kmsKeyId"] else {}
                self._logs.create_log_group(logGroupName=name, **more)
            self._logs.put_retention_policy(logGroupName=name, retentionInDays=kept["retentionInDays"])


def _picked(found: Iterable[Mapping[str, Any]], name: str, members: tuple[str, ...]) -> _Things:
    return {one[name]: {member: one.get(member) for member in members} for one in found}
