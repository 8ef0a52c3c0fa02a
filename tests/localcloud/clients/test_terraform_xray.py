"""Terraform's four resources of X-Ray, through create, change, import and destroy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.terraform.commands import base_environment, run
from tools import versions

if TYPE_CHECKING:
    from pathlib import Path

    from tests.localcloud.clients.cloud import RunningCloud

SETTINGS = f"""
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{versions.AWS_PROVIDER}"
    }}
  }}
}}

provider "aws" {{
  default_tags {{
    tags = {{ Team = "tracing" }}
  }}
}}
"""
RESOURCES = """
resource "aws_xray_group" "this" {
  group_name        = "terraform"
  filter_expression = "responsetime > %(seconds)d"

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = %(notifications)s
  }

  tags = { Stage = "%(stage)s" }
}

resource "aws_xray_sampling_rule" "this" {
  rule_name      = "terraform"
  priority       = %(priority)d
  version        = 1
  reservoir_size = %(reservoir)d
  fixed_rate     = %(rate)s
  url_path       = "*"
  host           = "*"
  http_method    = "*"
  service_type   = "*"
  service_name   = "backend-flask"
  resource_arn   = "*"
  attributes     = { Key = "%(stage)s" }

  tags = { Stage = "%(stage)s" }
}

resource "aws_xray_encryption_config" "this" {
  type   = "%(encryption)s"
  key_id = %(key)s
}

resource "aws_xray_resource_policy" "this" {
  policy_name = "terraform"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "123456789012" }
      Action    = ["xray:PutTraceSegments"]
      Resource  = "*"
    }]
  })
}
"""
WRONG = """
resource "aws_xray_group" "this" {
  group_name        = "wrong"
  filter_expression = "responsetime >"
}

resource "aws_xray_resource_policy" "this" {
  policy_name     = "wrong"
  policy_document = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Maybe" }] })
}
"""
FIRST = {
    "seconds": 5,
    "notifications": "true",
    "stage": "one",
    "priority": 9000,
    "reservoir": 5,
    "rate": "0.1",
    "encryption": "NONE",
    "key": "null",
}
SECOND = {
    "seconds": 10,
    "notifications": "false",
    "stage": "two",
    "priority": 8000,
    "reservoir": 1,
    "rate": "0.25",
    "encryption": "KMS",
}
NO_CHANGES, CHANGES = 0, 2


class Configuration:
    """A folder with Terraform's configuration in it."""

    def __init__(self, folder: Path, cloud: RunningCloud) -> None:
        self._folder = folder
        self._environment = base_environment() | {"AWS_ENDPOINT_URL": cloud.aws_url}
        folder.mkdir()
        (folder / "settings.tf").write_text(SETTINGS)

    def write(self, text: str) -> None:
        """Replace the resources."""
        (self._folder / "main.tf").write_text(text)

    def terraform(self, *arguments: str, code: int = 0) -> str:
        """Run Terraform, which must end with *code*; return what it prints, of a failure all."""
        done = run(["terraform", *arguments], self._folder, self._environment)
        assert done.code == code, done.text
        return done.text if code == 1 else done.output

    def state(self) -> dict[str, Any]:
        """Return the values of every resource by type."""
        shown = json.loads(self.terraform("show", "-json"))
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return {resource["type"]: resource["values"] for resource in resources}


def test_create_change_import_destroy(cloud: RunningCloud, tmp_path: Path) -> None:
    """Every step leaves X-Ray as it says; after each, Terraform finds nothing more to do."""
    xray = cloud.client("xray")
    first = Configuration(tmp_path / "first", cloud)
    first.terraform("init", "-input=false")

    first.write(RESOURCES % FIRST)
    first.terraform("apply", "-auto-approve", "-input=false")
    group = xray.get_group(GroupName="terraform")["Group"]
    assert group["FilterExpression"] == "responsetime > 5"
    assert group["InsightsConfiguration"] == {"InsightsEnabled": True, "NotificationsEnabled": True}
    assert _tags(xray, group["GroupARN"]) == {"Stage": "one", "Team": "tracing"}
    rule = _rule(xray)
    assert (rule["Priority"], rule["FixedRate"], rule["ReservoirSize"]) == (9000, 0.1, 5)
    assert rule["Attributes"] == {"Key": "one"}
    assert xray.get_encryption_config()["EncryptionConfig"] == {"Type": "NONE", "Status": "ACTIVE"}
    (policy,) = xray.list_resource_policies()["ResourcePolicies"]
    assert policy["PolicyName"] == "terraform"
    first.terraform("plan", "-detailed-exitcode", "-input=false", code=NO_CHANGES)

    key_arn = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    changed_resources = RESOURCES % {**SECOND, "key": f'"{key_arn}"'}
    first.write(changed_resources)
    first.terraform("apply", "-auto-approve", "-input=false")
    changed = xray.get_group(GroupName="terraform")["Group"]
    assert (changed["GroupARN"], changed["FilterExpression"]) == (group["GroupARN"], "responsetime > 10")
    assert changed["InsightsConfiguration"] == {"InsightsEnabled": True, "NotificationsEnabled": False}
    assert _tags(xray, rule["RuleARN"]) == {"Stage": "two", "Team": "tracing"}
    rule = _rule(xray)
    assert (rule["Priority"], rule["FixedRate"], rule["ReservoirSize"]) == (8000, 0.25, 1)
    encryption = xray.get_encryption_config()["EncryptionConfig"]
    assert encryption == {"Type": "KMS", "Status": "ACTIVE", "KeyId": key_arn}

    second = Configuration(tmp_path / "second", cloud)
    second.write(changed_resources + _imports(group["GroupARN"]))
    second.terraform("init", "-input=false")
    second.terraform("apply", "-auto-approve", "-input=false")
    state = second.state()
    assert state["aws_xray_group"]["id"] == group["GroupARN"]
    assert state["aws_xray_sampling_rule"]["arn"] == rule["RuleARN"]
    assert state["aws_xray_resource_policy"]["policy_name"] == "terraform"
    assert state["aws_xray_encryption_config"]["type"] == "KMS"
    assert _rule(xray) == rule

    second.terraform("destroy", "-auto-approve", "-input=false")
    assert [found["GroupName"] for found in xray.get_groups()["Groups"]] == ["Default"]
    assert [record["SamplingRule"]["RuleName"] for record in _records(xray)] == ["Default"]
    assert xray.list_resource_policies()["ResourcePolicies"] == []
    assert xray.get_encryption_config()["EncryptionConfig"] == encryption
    first.terraform("plan", "-detailed-exitcode", "-input=false", code=CHANGES)
    xray.close()


def test_what_x_ray_refuses_is_told(cloud: RunningCloud, tmp_path: Path) -> None:
    """A filter and a policy that are none fail the apply with X-Ray's errors; nothing is made."""
    configuration = Configuration(tmp_path / "wrong", cloud)
    configuration.write(WRONG)
    configuration.terraform("init", "-input=false")
    errors = configuration.terraform("apply", "-auto-approve", "-input=false", "-no-color", code=1)
    assert "InvalidRequestException" in errors
    assert "MalformedPolicyDocumentException" in errors
    assert configuration.state() == {}


def _imports(group_arn: str) -> str:
    ids = {
        "aws_xray_group": group_arn,
        "aws_xray_sampling_rule": "terraform",
        "aws_xray_encryption_config": "us-east-1",
        "aws_xray_resource_policy": "terraform",
    }
    return "".join(f'\nimport {{\n  to = {kind}.this\n  id = "{name}"\n}}\n' for kind, name in ids.items())


def _tags(xray: Any, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in xray.list_tags_for_resource(ResourceARN=arn)["Tags"]}


def _records(xray: Any) -> list[Any]:
    records: list[Any] = xray.get_sampling_rules()["SamplingRuleRecords"]
    return records


def _rule(xray: Any) -> Any:
    return next(
        record["SamplingRule"]
        for record in _records(xray)
        if record["SamplingRule"]["RuleName"] == "terraform"
    )
