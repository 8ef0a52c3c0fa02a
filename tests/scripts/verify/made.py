"""An environment made by hand on a local cloud, as its units ask for it, for tests that then break it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scripts.verify import expected, plan
from scripts.verify.check import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.aws import Clients
    from scripts.terragrunt.render import Unit
    from scripts.verify.check import Result

RENDERED = "cruddur-local-backend-flask"
"""The name of the rendered local units' group, service and main rule."""
RULE: Mapping[str, Any] = {
    "ResourceARN": "*",
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}


@dataclass
class Made:
    """The units of one environment whose group, rules, parameters and service have a name of their own.

    ``variables`` are those that name a daemon or a collector.
    """

    units: dict[str, Unit]
    clients: Clients
    key: str = field(repr=False)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of service, group and main rule."""
        return self.units["xray"].target.service_name

    @property
    def path(self) -> str:
        """The parameters' path."""
        return self.units["xray"].target.parameter_path

    def verify(self) -> dict[str, Result]:
        """Return what verify finds, by check id."""
        found = plan.run("local", self.units, self.clients, self.variables)
        results = {result.id: result for result in found}
        assert len(results) == len(found), "two results have one id"
        return results

    def wrong(self) -> dict[str, Result]:
        """Return what verify doesn't pass."""
        return {check_id: one for check_id, one in self.verify().items() if one.status is not Status.PASS}

    def ask(self, unit: str, **inputs: Any) -> None:
        """Change what a unit asks for."""
        self.units[unit] = replace(self.units[unit], inputs={**self.units[unit].inputs, **inputs})

    def ask_of_rule(self, name: str, **members: Any) -> None:
        """Change what is asked for of a rule, by the configuration's own names."""
        rules = {**self.units["xray"].inputs["sampling_rules"]}
        rules[name] = {**rules[name], **members}
        self.ask("xray", sampling_rules=rules)

    def set(self, **settings: Any) -> None:
        """Change settings of env.hcl that are no unit's inputs."""
        for name, unit in self.units.items():
            target = replace(unit.target, settings={**unit.target.settings, **settings})
            self.units[name] = replace(unit, target=target)

    def make(self) -> None:
        """Make all that the units ask for."""
        asked = expected.xray(self.units["xray"])
        self.clients.xray().create_group(
            GroupName=asked.group.name, FilterExpression=asked.group.filter_expression
        )
        for name, rule in asked.rules.items():
            self.add_rule(name, **rule)
        for name, value in expected.parameters(self.units["honeycomb"]).values.items():
            self.put(name.removeprefix(f"{self.path}/"), value)
        self.put_key(self.key)
        group = expected.log_group(self.units["logs"])
        self.clients.logs().create_log_group(logGroupName=group.name)
        self.clients.logs().put_retention_policy(
            logGroupName=group.name, retentionInDays=group.retention_days
        )
        self.put("logs/group-name", group.name)

    def add_rule(self, name: str, **members: Any) -> None:
        """Make a sampling rule."""
        rule = {**RULE, "RuleName": name, **members}
        self.clients.xray().create_sampling_rule(SamplingRule=rule)  # type: ignore[arg-type]

    def put(self, name: str, value: str, kind: str = "String", **more: Any) -> None:
        """Write the parameter *name* below the path."""
        self.clients.ssm().put_parameter(
            Name=f"{self.path}/{name}",
            Value=value,
            Type=kind,  # type: ignore[arg-type]
            Overwrite=True,
            **more,
        )

    def put_key(self, value: str, **more: Any) -> None:
        """Write the key, with the description that is asked for."""
        key = expected.key(self.units["honeycomb-key"])
        self.put("honeycomb/api-key", value, "SecureString", Description=key.description, **more)

    def remove(self) -> None:
        """Remove what has this environment's names, whoever made it, and every rule and policy."""
        xray, ssm, logs = self.clients.xray(), self.clients.ssm(), self.clients.logs()
        for group in xray.get_groups()["Groups"]:
            if group["GroupName"] == self.name:
                xray.delete_group(GroupName=self.name)
        for record in xray.get_sampling_rules()["SamplingRuleRecords"]:
            if record["SamplingRule"].get("RuleName") != "Default":
                xray.delete_sampling_rule(RuleName=record["SamplingRule"]["RuleName"])
        for policy in xray.list_resource_policies()["ResourcePolicies"]:
            xray.delete_resource_policy(PolicyName=policy["PolicyName"])
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=self.path, Recursive=True)
        names = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
        for start in range(0, len(names), 10):
            ssm.delete_parameters(Names=names[start : start + 10])
        for found in logs.describe_log_groups(logGroupNamePrefix=self.path)["logGroups"]:
            logs.delete_log_group(logGroupName=found["logGroupName"])

    def send(self, service: str, **more: Any) -> None:
        """Send X-Ray one segment of *service*, which began a moment ago and is answered 200."""
        now = time.time()
        document = {
            "name": service,
            "id": secrets.token_hex(8),
            "trace_id": f"1-{int(now):08x}-{secrets.token_hex(12)}",
            "start_time": now - 0.1,
            "end_time": now,
            "http": {
                "request": {"method": "GET", "url": "http://api.example.com/api/activities/home"},
                "response": {"status": 200},
            },
            **more,
        }
        answer = self.clients.xray().put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
        assert answer["UnprocessedTraceSegments"] == []


def named(units: Mapping[str, Unit], name: str) -> dict[str, Unit]:
    """Return *units* with another name for service, group and main rule, and another parameter path."""
    path = units["xray"].target.parameter_path
    changed = {}
    for unit_name, unit in units.items():
        text = json.dumps(dict(unit.inputs)).replace(path, f"/made/{name}/backend").replace(RENDERED, name)
        text = text.replace("cruddur-local-health", f"{name}-health")
        target = replace(unit.target, service_name=name, parameter_path=f"/made/{name}/backend")
        changed[unit_name] = replace(unit, inputs=json.loads(text), target=target)
    return changed
