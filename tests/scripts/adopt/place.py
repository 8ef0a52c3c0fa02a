"""A checkout with a local cloud of its own, where people make things by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.end_to_end.checkout import Checkout

NAME = "cruddur-local-backend-flask"
HEALTH = "cruddur-local-health"
PATH = "/cruddur/local/backend-flask"
BUCKET = "cruddur-local-terraform-state-123456789012"
RULE: dict[str, Any] = {
    "ResourceARN": "*",
    "Priority": 9000,
    "FixedRate": 0.1,
    "ReservoirSize": 5,
    "ServiceName": NAME,
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}


@dataclass(frozen=True)
class Place:
    """The checkout, and AWS's clients for it."""

    checkout: Checkout
    addresses: dict[str, str]

    def client(self, service: str) -> Any:
        """Return a client of the local cloud."""
        session = boto3.Session("test", "test", region_name=self.addresses["AWS_REGION"])
        make: Any = session.client
        return make(service, endpoint_url=self.addresses["AWS_ENDPOINT_URL"])

    @property
    def config(self) -> Path:
        """The local environment's folder."""
        return self.checkout.root / "terraform" / "backend-app" / "config" / "local"

    def files(self) -> dict[str, str]:
        """What adopt has written, by path below the environment."""
        found = [self.config / "adopted.hcl", *self.config.glob("*/imports.tf")]
        return {str(path.relative_to(self.config)): path.read_text() for path in found if path.exists()}

    def adopt(self, *arguments: str, code: int) -> str:
        """Run adopt, which must end with *code*; return all that it prints."""
        finished: subprocess.CompletedProcess[str] = self.checkout.run("adopt", *arguments)
        text = finished.stdout + finished.stderr
        assert finished.returncode == code, text
        assert "Traceback" not in text
        return text

    def group(self, name: str = NAME, expression: str = f'service("{NAME}")', **tags: str) -> str:
        """Make a group by hand and return its ARN."""
        made = self.client("xray").create_group(
            GroupName=name, FilterExpression=expression, Tags=_pairs(tags)
        )
        return str(made["Group"]["GroupARN"])

    def rule(self, name: str = NAME, tags: dict[str, str] | None = None, **members: Any) -> None:
        """Make a sampling rule by hand."""
        rule = {**RULE, "RuleName": name, **members}
        self.client("xray").create_sampling_rule(SamplingRule=rule, Tags=_pairs(tags or {}))

    def health(self) -> None:
        """Make the rule for health checks as the configuration asks for it."""
        self.rule(HEALTH, Priority=8999, ReservoirSize=0, FixedRate=0, URLPath="/health*")

    def parameter(self, below: str, value: str, **more: Any) -> None:
        """Make a plain parameter by hand."""
        self.client("ssm").put_parameter(
            **{"Name": f"{PATH}/{below}", "Value": value, "Type": "String", **more}
        )

    def reset(self) -> None:
        """Remove what people, applies and adopts have made."""
        xray, ssm, logs, s3 = (self.client(service) for service in ("xray", "ssm", "logs", "s3"))
        for group in xray.get_groups()["Groups"]:
            if group["GroupName"] != "Default":
                xray.delete_group(GroupARN=group["GroupARN"])
        for record in xray.get_sampling_rules()["SamplingRuleRecords"]:
            if record["SamplingRule"]["RuleName"] != "Default":
                xray.delete_sampling_rule(RuleName=record["SamplingRule"]["RuleName"])
        for page in ssm.get_paginator("describe_parameters").paginate():
            for parameter in page["Parameters"]:
                ssm.delete_parameter(Name=parameter["Name"])
        for group in logs.describe_log_groups()["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])
        for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=found["Key"])
        for path in self.files():
            (self.config / path).unlink()


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
