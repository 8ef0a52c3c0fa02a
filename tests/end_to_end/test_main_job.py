"""Apply, plan, verify, destroy, with the real Terraform and Terragrunt on the local cloud."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient

PATH = "/cruddur/local/backend-flask"
NAME = "cruddur-local-backend-flask"


def test_apply_creates_what_the_design_names(applied: Checkout, ssm: SSMClient, xray: XRayClient) -> None:
    """Group, two rules and six parameters are there, each with its value; the key is a SecureString."""
    group = xray.get_group(GroupName=NAME)["Group"]
    assert group["FilterExpression"] == f'service("{NAME}")'
    assert group["InsightsConfiguration"] == {"InsightsEnabled": False, "NotificationsEnabled": False}
    rules = {
        r["SamplingRule"]["RuleName"]: r["SamplingRule"]
        for r in xray.get_sampling_rules()["SamplingRuleRecords"]
    }
    service, health = rules[NAME], rules["cruddur-local-health"]
    assert (service["Priority"], service["ReservoirSize"], service["FixedRate"]) == (9000, 5, 0.1)
    assert (service["ServiceName"], service["URLPath"], service["Host"]) == (NAME, "*", "*")
    assert (health["Priority"], health["ReservoirSize"], health["FixedRate"]) == (8999, 0, 0.0)
    assert (health["ServiceName"], health["URLPath"]) == (NAME, "/health*")
    found = ssm.get_parameters_by_path(Path=PATH, Recursive=True)["Parameters"]
    kinds = {p["Name"].removeprefix(f"{PATH}/"): p["Type"] for p in found}
    assert kinds == {
        "honeycomb/api-key": "SecureString",
        "honeycomb/endpoint": "String",
        "honeycomb/dataset": "String",
        "logs/group-name": "String",
        "xray/group-name": "String",
        "xray/sampling-rule-name": "String",
    }


def test_the_second_plan_shows_no_change_and_no_warning(applied: Checkout) -> None:
    """Nothing drifts, in any unit, and no deprecation is left for a later version to break on."""
    text = applied.succeed("plan")
    assert text.count("No changes.") == 4
    assert not re.search(r"deprecat|anti-pattern|\bwarn", text, re.IGNORECASE), text


def test_a_plan_is_left_as_json_for_check(applied: Checkout, tmp_path: Path) -> None:
    """Its owner's alone; a plan replaces its unit's earlier one, and one that fails leaves none."""
    folder = tmp_path / "new" / "plans"
    assert "hold sensitive values" in applied.succeed("plan", "--unit", "logs", "--out", str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "xray.json").write_text("stale")
    applied.succeed("plan", "--unit", "xray", "--out", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["logs.json", "xray.json"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert json.loads((folder / "xray.json").read_text())["planned_values"]
    assert applied.run("check", "--plan", str(folder)).returncode == 0
    broken = applied.root / "terraform" / "backend-app" / "stacks" / "xray" / "broken.tf"
    broken.write_text('resource "aws_xray_group" "broken" {}\n')
    try:
        assert applied.run("plan", "--unit", "xray", "--out", str(folder)).returncode == 2
    finally:
        broken.unlink()
    assert [path.name for path in folder.iterdir()] == ["logs.json"]
    refused = applied.run("plan", "--unit", "logs", "--out", str(folder / "logs.json"))
    assert (refused.returncode, "choose another OUT" in refused.stderr) == (2, True)


def test_verify_sees_everything(applied: Checkout) -> None:
    """Every check passes, and each thing that was applied has one."""
    code, document = applied.verify()
    assert code == 0, document
    assert document["environment"] == "local"
    assert document["summary"] == {"pass": len(document["checks"]), "fail": 0, "skip": 0}
    ids = " ".join(check["id"] for check in document["checks"])
    for part in (NAME, "cruddur-local-health", "honeycomb/api-key", "honeycomb/endpoint", "logs.group"):
        assert part in ids
    assert set(document["checks"][0]) == {"id", "status", "expected", "actual", "remedy"}


def test_a_log_group_changed_by_hand_fails_verify_and_apply_puts_it_right(
    applied: Checkout, session: Callable[..., boto3.Session]
) -> None:
    """The retention is the environment's; another one is drift that verify names and plan shows."""
    logs = session().client("logs", endpoint_url=applied.addresses()["AWS_ENDPOINT_URL"])
    [group] = logs.describe_log_groups(logGroupNamePrefix=PATH)["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (PATH, 30)
    tags = logs.list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
    assert (tags["Environment"], tags["ManagedBy"]) == ("local", "terragrunt")
    logs.put_retention_policy(logGroupName=PATH, retentionInDays=7)
    code, document = applied.verify()
    assert code == 1
    [failed] = [check for check in document["checks"] if check["status"] != "pass"]
    assert (failed["id"], failed["expected"], failed["actual"]) == (
        f"logs.group.{PATH}",
        "retention=30",
        "retention=7",
    )
    applied.succeed("apply", "--unit", "logs")
    code, document = applied.verify()
    assert code == 0, document


def test_outputs_are_names_and_never_the_key(applied: Checkout, key: str) -> None:
    """`make output` gives names and ARNs."""
    text = applied.succeed("output")
    assert NAME in text
    assert key not in text


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path


def test_the_key_is_on_disk_in_its_own_file_alone(
    applied: Checkout, key: str, session: Callable[..., boto3.Session]
) -> None:
    """Not in a state, its older versions, a cache, a log or any other file of the checkout."""
    needle = key.encode()
    holders = [path for path in _files(applied.root) if needle in path.read_bytes()]
    assert holders == [applied.root / ".local" / "honeycomb-key"]
    assert holders[0].stat().st_mode & 0o777 == 0o600
    s3 = session().client("s3", endpoint_url=applied.addresses()["AWS_ENDPOINT_URL"])
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    states = 0
    for bucket in buckets:
        for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
            body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])[
                "Body"
            ].read()
            states += b'"terraform_version"' in body
            assert needle not in body, version["Key"]
    assert states >= 4


def _command_lines() -> dict[int, bytes]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                found[int(entry.name)] = (entry / "cmdline").read_bytes()
            except OSError:
                continue
    return found


def test_the_key_is_in_no_argument_list_and_no_output_while_it_is_written(
    applied: Checkout, key: str, ssm: SSMClient
) -> None:
    """`ps` during an apply that writes the key shows it nowhere; what is printed doesn't hold it either."""
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/api-key")
    process = applied.start("apply", "--unit", "honeycomb-key")
    seen: set[bytes] = set()
    while process.poll() is None:
        seen.update(_command_lines().values())
        time.sleep(0.02)
    assert process.stdout is not None
    with process.stdout:
        printed = process.stdout.read()
    assert process.returncode == 0, printed
    assert any(b"terraform" in line for line in seen)
    assert not any(key.encode() in line for line in seen)
    assert key not in printed
    value = ssm.get_parameter(Name=f"{PATH}/honeycomb/api-key", WithDecryption=True)["Parameter"]["Value"]
    assert value == key


def test_rotating_writes_a_new_version(applied: Checkout, ssm: SSMClient) -> None:
    """The committed number rises, and so does SSM's own version; the other units see no change."""
    before = ssm.get_parameter(Name=f"{PATH}/honeycomb/api-key")["Parameter"]["Version"]
    unit = applied.root / "terraform/backend-app/config/local/honeycomb-key/terragrunt.hcl"
    text = unit.read_text()
    applied.succeed("rotate-honeycomb-key")
    assert ssm.get_parameter(Name=f"{PATH}/honeycomb/api-key")["Parameter"]["Version"] == before + 1
    assert unit.read_text() != text
    assert applied.succeed("plan").count("No changes.") == 4


def test_after_a_failed_write_the_remedy_given_works(applied: Checkout, ssm: SSMClient, key: str) -> None:
    """Terraform has noted a write that SSM does not have: applying again can't, and says what can."""
    name = f"{PATH}/honeycomb/api-key"
    older = "Honeycomb API key, version 0"
    ssm.put_parameter(Name=name, Value=key, Type="SecureString", Description=older, Overwrite=True)
    finished = applied.run("apply", "--unit", "honeycomb-key")
    assert finished.returncode == 2, finished.stdout
    assert finished.stderr.strip().endswith(": run `make rotate-honeycomb-key ENV=local`"), finished.stderr
    applied.succeed("rotate-honeycomb-key")
    code, document = applied.verify()
    assert code == 0, document


@pytest.fixture
def unshared(cloud: Checkout, tmp_path: Path) -> Iterator[Checkout]:
    """A checkout whose dev has the local cloud for AWS: there each unit has a provider of its own."""
    checkout = Checkout.copy_to(tmp_path / "checkout")
    (checkout.root / "terraform/backend-app/config/dev/env.hcl").write_text(
        'locals {\n  account_id = "123456789012"\n  region = "us-east-1"\n'
        '  honeycomb_endpoint = "https://api.honeycomb.io"\n  state_bucket = "logged-states"\n'
        "  sampling_rules = { service = { reservoir_size = 5, fixed_rate = 0.1 } }\n}\n"
    )
    addresses = cloud.addresses()
    checkout.environment = {
        name: addresses[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    }
    yield checkout
    checkout.succeed("destroy", "--env", "dev", "--unit", "honeycomb-key", "--approve", "dev")


def test_no_log_shows_the_key(unshared: Checkout, tmp_path: Path) -> None:
    """A plan decrypts the key: with every log of the tools turned on, neither output nor a file has it."""
    key = "hcaik_" + "0l" * 29
    unit = ("--env", "dev", "--unit", "honeycomb-key")
    file = tmp_path / "terraform.log"
    logging = {
        **dict.fromkeys(("TF_LOG", "TF_LOG_PROVIDER", "TG_LOG_LEVEL"), "trace"),
        "TF_LOG_PATH": str(file),
        "TG_LOG_FORMAT": "json",
    }
    text = unshared.succeed(
        "apply", *unit, "--approve", "dev", environment={"HONEYCOMB_API_KEY": key, **logging}
    )
    text += unshared.succeed("plan", *unit, environment=logging)
    assert key not in text
    assert not file.exists()
    assert text.count("not passed on to Terraform") == 2
    assert "plan dev: no changes in honeycomb-key" in text
    assert not [path for path in _files(unshared.root) if key.encode() in path.read_bytes()]


def test_an_interrupted_apply_ends_cleanly_and_leaves_no_lock(applied: Checkout, ssm: SSMClient) -> None:
    """Ctrl-C in the middle: exit code 2, the state is whole, and the next apply needs no force-unlock."""
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/api-key")
    process = applied.start("apply")
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if re.search(r"Creating\.\.\.|Refreshing state", line):
            process.send_signal(signal.SIGINT)
            break
    with process.stdout:
        seen += process.stdout.read()
    assert process.wait(timeout=120) == 2, seen
    assert "Traceback" not in seen
    applied.succeed("apply")
    code, document = applied.verify()
    assert code == 0, document


def test_planning_needs_no_key(applied: Checkout) -> None:
    """Whoever only plans has no key, and the honeycomb-key unit's plan does not ask for one."""
    environment = {"HONEYCOMB_API_KEY": ""}
    hidden = applied.root / ".local" / "honeycomb-key"
    aside = hidden.with_name("aside")
    hidden.rename(aside)
    try:
        finished = applied.run("plan", environment=environment)
    finally:
        aside.rename(hidden)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_destroy_then_apply_works(applied: Checkout, xray: XRayClient, ssm: SSMClient) -> None:
    """Destroy leaves nothing of ours and apply makes it anew."""
    applied.succeed("destroy")
    assert [group["GroupName"] for group in xray.get_groups()["Groups"]] == ["Default"]
    assert ssm.get_parameters_by_path(Path=PATH, Recursive=True)["Parameters"] == []
    assert [r["SamplingRule"]["RuleName"] for r in xray.get_sampling_rules()["SamplingRuleRecords"]] == [
        "Default"
    ]
    applied.succeed("apply")
    code, document = applied.verify()
    assert code == 0, document


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_terragrunt_alone_does_the_same(applied: Checkout, command: str) -> None:
    """Plain terragrunt with nothing but `.local/env` plans and applies, without our scripts."""
    units = "terraform/backend-app/config/local"
    script = f". ./.local/env && exec terragrunt run --all --non-interactive --working-dir {units} {command}"
    finished = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=applied.root,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    text = finished.stdout + finished.stderr
    assert finished.returncode == 0, text
    assert text.count("No changes.") == 4
