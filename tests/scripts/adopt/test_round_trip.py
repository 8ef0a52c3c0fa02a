"""Made by hand, adopted, planned, applied, verified, adopted again: the real programs on the local cloud."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.scripts.adopt.place import HEALTH, NAME, PATH
from tests.terraform.commands import base_environment, run

if TYPE_CHECKING:
    from tests.scripts.adopt.place import Place

ODD = 'o"dd, \\ ü'
TAGS = {"Project": "cruddur", "Service": "backend-flask", "Environment": "local", "ManagedBy": "terragrunt"}


def test_everything_by_hand_comes_under_terraform_without_a_change(place: Place) -> None:
    """Nothing that AWS has changes, save the tags; verify passes, and nothing is left to adopt."""
    xray, ssm, logs = place.client("xray"), place.client("ssm"), place.client("logs")
    place.group(expression=f'service("{NAME}") AND duration >= 0', Team="payments")
    place.rule(ReservoirSize=1, FixedRate=0.25, URLPath="/*", tags={"Owner": "a"})
    place.rule(ODD, Priority=7, HTTPMethod="GET", URLPath="/api/activities/home")
    place.health()
    place.parameter("honeycomb/endpoint", place.addresses["HONEYCOMB_API_ENDPOINT"])
    about = {"Description": "typed in", "Tags": [{"Key": "T", "Value": "1"}]}
    place.parameter("honeycomb/dataset", NAME, **about)
    place.parameter("xray/group-name", NAME)
    place.parameter("xray/sampling-rule-name", NAME, Description="the rule")
    place.parameter("logs/group-name", PATH)
    logs.create_log_group(logGroupName=PATH, tags={"Team": "ops"})
    logs.put_retention_policy(logGroupName=PATH, retentionInDays=7)
    before = _made(xray, ssm, logs)

    said = place.adopt("--names", json.dumps([ODD]), code=0)
    assert "nothing else changes but tags" in said.splitlines()[-1]
    assert "apply adds the tags that everything here has, and no other: Environment=local" in said
    assert set(place.files()) == {"adopted.hcl", "honeycomb/imports.tf", "logs/imports.tf", "xray/imports.tf"}
    assert _made(xray, ssm, logs) == before, "adopt applies nothing"
    _require_formatted(place)

    written = place.files()
    again = place.adopt(code=0)
    assert place.files() == written, "done twice it is the same"
    assert "written:" not in again

    applied = place.checkout.succeed("apply")
    assert re.search(r"4 imported, 0 added, 4 changed, 0 destroyed", applied), applied
    after = _made(xray, ssm, logs)
    assert {name: one["tags"] for name, one in after.items()} == {
        name: {**TAGS, **one["tags"]} for name, one in before.items()
    }
    for name, one in before.items():
        assert {**after[name], "tags": {}} == {**one, "tags": {}}, name
    _require_verified(place)

    settings = place.files()["adopted.hcl"]
    done = place.adopt(code=0)
    assert done.splitlines()[-1] == "adopt local: nothing to adopt"
    assert place.files() == {"adopted.hcl": settings}, "the import blocks have done their work"
    assert place.checkout.succeed("plan").count("No changes.") == 4

    _set(place, '  honeycomb_dataset = "changed"\n  sampling_rules = {\n')
    place.checkout.succeed("apply", "--unit", "honeycomb")
    changed = ssm.get_parameter(Name=f"{PATH}/honeycomb/dataset")["Parameter"]
    assert changed["Value"] == "changed", "an imported parameter follows the configuration"


def test_a_group_and_a_rule_of_another_name(place: Place) -> None:
    """`Cruddur`, as people called both: named, the unit takes them over, and the parameters follow.

    That they will is told, though unit honeycomb was applied before and takes nothing over: what is adopted
    counts for the whole environment.
    """
    place.checkout.succeed("apply", "--unit", "honeycomb")
    place.group("Cruddur", f'service("{NAME}")')
    place.rule("Cruddur")
    place.rule("not-ours")

    said = place.adopt("--unit", "xray", "--names", "Cruddur", code=1)
    assert "neither asked for nor named: not-ours" in said
    assert f'aws_xray_sampling_rule.this["{HEALTH}"]: would be created' in said
    for below in ("xray/group-name", "xray/sampling-rule-name", "honeycomb/dataset"):
        address = f'honeycomb: aws_ssm_parameter.this["{below}"]'
        change = f'insecure_value: "{NAME}" -> "Cruddur"'
        assert f"not adopted without a change: {address}: {change}" in said
    changes = [line for line in said.splitlines() if line.startswith("not adopted without a change")]
    assert all(": honeycomb: aws_ssm_parameter.this" in line for line in changes), changes
    more = f"but {len(changes) + 1} more in the plan"
    assert said.splitlines()[-1] == f"adopt local: 1 group, 1 sampling rule to import, {more}"
    _set(place, "  sampling_rules = {\n    health  = null\n")
    place.checkout.succeed("apply")
    ssm = place.client("ssm")
    for below in ("xray/group-name", "xray/sampling-rule-name"):
        assert ssm.get_parameter(Name=f"{PATH}/{below}")["Parameter"]["Value"] == "Cruddur"
    assert place.adopt(code=0).splitlines()[-1] == "adopt local: nothing to adopt"


def _require_verified(place: Place) -> None:
    code, document = place.checkout.verify()
    failing = [check for check in document["checks"] if check["status"] != "pass"]
    assert (code, failing) == (0, []), json.dumps(failing, indent=1)


def _set(place: Place, settings: str) -> None:
    file = place.config / "env.hcl"
    text = file.read_text()
    assert "  sampling_rules = {\n" in text
    file.write_text(text.replace("  sampling_rules = {\n", settings))


def _require_formatted(place: Place) -> None:
    environment = base_environment()
    terraform = run(["terraform", "fmt", "-check", "-recursive", "-diff"], place.config, environment)
    assert terraform.code == 0, terraform.output
    terragrunt = run(
        ["terragrunt", "hcl", "fmt", "--check", "--file", "adopted.hcl"], place.config, environment
    )
    assert terragrunt.code == 0, terragrunt.text


def _made(xray: Any, ssm: Any, logs: Any) -> dict[str, dict[str, Any]]:
    """All that there is, each with its tags."""
    found: dict[str, dict[str, Any]] = {}
    for group in xray.get_groups()["Groups"]:
        found[f"group {group['GroupName']}"] = {"is": group, "tags": _tags(xray, group["GroupARN"])}
    for record in xray.get_sampling_rules()["SamplingRuleRecords"]:
        rule = record["SamplingRule"]
        found[f"rule {rule['RuleName']}"] = {"is": rule, "tags": _tags(xray, rule["RuleARN"])}
    del found["group Default"], found["rule Default"]
    for parameter in ssm.describe_parameters()["Parameters"]:
        name = parameter["Name"]
        if not name.endswith("api-key"):
            pairs = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
            kept = {key: parameter.get(key) for key in ("Type", "Description", "Version", "Tier")}
            kept["Value"] = ssm.get_parameter(Name=name)["Parameter"]["Value"]
            found[f"parameter {name}"] = {"is": kept, "tags": _named(pairs)}
    for group in logs.describe_log_groups()["logGroups"]:
        tags = logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
        found[f"log group {group['logGroupName']}"] = {"is": group["retentionInDays"], "tags": tags}
    return found


def _tags(xray: Any, arn: str) -> dict[str, str]:
    return _named(xray.list_tags_for_resource(ResourceARN=arn)["Tags"])


def _named(pairs: list[dict[str, str]]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}
