"""Bad input to the operator's commands: each gets its one line, its remedy and its exit code."""

from __future__ import annotations

import json
import re
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.checkout import ROOT, Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import boto3
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient

PATH = "/cruddur/local/backend-flask"
NAME = "cruddur-local-backend-flask"
LOCAL_ACCOUNT = "123456789012"
ANSWER_LIMIT_SECONDS = 60
EXPIRED_TOKEN = "localcloud-expired-token"


@pytest.fixture(scope="session")
def dev(cloud: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A second checkout whose dev environment has an account and a region, with the local cloud for AWS."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("dev") / "checkout")
    _configure(checkout, account=LOCAL_ACCOUNT, region="us-east-1")
    addresses = cloud.addresses()
    checkout.environment = {
        name: addresses[name] for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    }
    return checkout


def _configure(checkout: Checkout, *, account: str, region: str) -> None:
    file = checkout.root / "terraform/backend-app/config/dev/env.hcl"
    text = re.sub(r'account_id( *)= "[^"]*"', rf'account_id\1= "{account}"', file.read_text())
    file.write_text(re.sub(r'region( *)= "[^"]*"', rf'region\1= "{region}"', text))


def _refused(checkout: Checkout, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command that has to end with 2 and one line; return that line."""
    finished = checkout.run(*arguments, environment=environment, timeout=ANSWER_LIMIT_SECONDS)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    lines = [line for line in finished.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, finished.stderr
    assert "Traceback" not in finished.stdout + finished.stderr
    return lines[0]


COMMANDS = ("plan", "apply", "verify")


def _arguments(command: str) -> tuple[str, ...]:
    return (command, "--env", "dev", *(("--approve", "dev", "--unit", "xray") if command == "apply" else ()))


@pytest.mark.parametrize("command", COMMANDS)
def test_no_credentials(dev: Checkout, command: str) -> None:
    """Without credentials: one line, and how to get them."""
    line = _refused(
        dev, *_arguments(command), environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    )
    assert "no AWS credentials" in line
    assert "AWS_PROFILE" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_expired_credentials(dev: Checkout, command: str) -> None:
    """An expired session is told as such."""
    line = _refused(dev, *_arguments(command), environment={"AWS_SESSION_TOKEN": EXPIRED_TOKEN})
    assert "expired" in line
    assert "sign in again" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_endpoint_down(dev: Checkout, command: str) -> None:
    """An endpoint where nobody listens is named, without retries for minutes."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        line = _refused(dev, *_arguments(command), environment={"AWS_ENDPOINT_URL": url})
    assert url in line
    assert "can't be reached" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_account(dev: Checkout, command: str) -> None:
    """Credentials of another account than env.hcl names are refused before anything is asked for."""
    _configure(dev, account="111122223333", region="us-east-1")
    try:
        line = _refused(dev, *_arguments(command))
    finally:
        _configure(dev, account=LOCAL_ACCOUNT, region="us-east-1")
    assert LOCAL_ACCOUNT in line
    assert "111122223333" in line


@pytest.mark.parametrize("region", ["nowhere-1", "us_east_1"])
def test_wrong_region(dev: Checkout, region: str) -> None:
    """A region that AWS does not have is refused by name."""
    _configure(dev, account=LOCAL_ACCOUNT, region=region)
    try:
        line = _refused(dev, "plan", "--env", "dev")
    finally:
        _configure(dev, account=LOCAL_ACCOUNT, region="us-east-1")
    assert region in line


def test_an_environment_without_account_and_region(tmp_path: Path) -> None:
    """As committed, dev says what has to be written and where; one line."""
    checkout = Checkout.copy_to(tmp_path / "checkout")
    line = _refused(checkout, "plan", "--env", "dev")
    assert "config/dev/env.hcl" in line
    assert "account_id" in line
    assert "region" in line


def test_local_cloud_not_running(tmp_path: Path) -> None:
    """Without the local cloud the remedy is the command that starts it."""
    checkout = Checkout.copy_to(tmp_path / "checkout")
    assert "make local-up" in _refused(checkout, "plan")


def test_plan_without_a_state_bucket_names_the_remedy(
    dev: Checkout, session: Callable[..., boto3.Session]
) -> None:
    """Plan never makes the bucket: it ends with what does."""
    line = _refused(dev, "plan", "--env", "dev")
    assert "bucket" in line
    assert "make apply ENV=dev" in line
    s3 = session().client("s3", endpoint_url=dev.environment["AWS_ENDPOINT_URL"])
    assert not [bucket for bucket in s3.list_buckets()["Buckets"] if "-dev-" in bucket["Name"]]


def test_apply_on_dev_off_a_terminal_needs_approval(dev: Checkout) -> None:
    """Nobody can be asked, so the environment's name has to be given again."""
    for given in ((), ("--approve", "prod")):
        line = _refused(dev, "apply", "--env", "dev", "--unit", "xray", *given)
        assert "APPROVE=dev" in line


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("", "HONEYCOMB_API_KEY"),
        ("hcaik_tooshort", "HONEYCOMB_API_KEY"),
        ("hcamk_" + "0" * 26, "management"),
        ("a key with spaces and more than enough characters", "HONEYCOMB_API_KEY"),
    ],
)
def test_key_missing_or_malformed_at_apply(dev: Checkout, key: str, told: str) -> None:
    """Refused before anything is planned or made, and the value is not repeated."""
    arguments = ("apply", "--env", "dev", "--approve", "dev")
    line = _refused(dev, *arguments, environment={"HONEYCOMB_API_KEY": key})
    assert told in line
    assert not key or key not in line


@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ("priority = 10000", "9999"),
        ("fixed_rate = 1.5", "0 to 1"),
        ("reservoir_size = -1", "0"),
        ('url_path = "/' + "x" * 128 + '"', "128"),
        ('http_method = "PROPPATCHES"', "10"),
        ('attributes = { a = "b" }', "ignore"),
    ],
)
def test_values_beyond_xrays_limits_are_refused_at_plan(
    applied: Checkout, setting: str, limit: str, xray: XRayClient
) -> None:
    """The limit is named, and nothing changes in X-Ray."""
    file = applied.root / "terraform/backend-app/config/local/env.hcl"
    text = file.read_text()
    name = setting.split(" =")[0]
    line = f"service = {{ reservoir_size = 5, fixed_rate = 0.1, {setting} }}"
    if name in {"reservoir_size", "fixed_rate"}:
        line = f"service = {{ {setting} }}"
    file.write_text(re.sub(r"service = \{[^}]*\}", lambda _: line, text))
    before = xray.get_sampling_rules()["SamplingRuleRecords"]
    try:
        finished = applied.run("plan", "--unit", "xray")
    finally:
        file.write_text(text)
    printed = finished.stdout + finished.stderr
    assert finished.returncode == 2, printed
    assert limit in printed
    assert "Traceback" not in printed
    assert xray.get_sampling_rules()["SamplingRuleRecords"] == before


def test_a_name_that_is_too_long_is_refused(tmp_path: Path, cloud: Checkout) -> None:
    """project and service are two values in one place; what they compose must fit X-Ray's 32 characters."""
    checkout = Checkout.copy_to(tmp_path / "checkout")
    root = checkout.root / "terragrunt.hcl"
    root.write_text(root.read_text().replace('"backend-flask"', '"a-backend-with-a-rather-long-name"', 1))
    (checkout.root / ".local").mkdir()
    (checkout.root / ".local" / "env").write_text((cloud.root / ".local" / "env").read_text())
    line = _refused(checkout, "plan")
    assert "32" in line
    assert "cruddur-local-a-backend-with-a-rather-long-name" in line


def test_two_applies_at_once(applied: Checkout, ssm: SSMClient) -> None:
    """The second waits or stops, naming the holder; afterwards the state is whole."""
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/api-key")
    first = applied.start("apply")
    second = applied.start("apply")
    results = []
    for process in (first, second):
        assert process.stdout is not None
        with process.stdout:
            printed = process.stdout.read()
        results.append((process.wait(timeout=120), printed))
    codes = sorted(code for code, _ in results)
    assert codes in ([0, 0], [0, 2]), results
    for code, printed in results:
        assert "Traceback" not in printed
        if code == 2:
            assert re.search(r"process \d+|Who", printed), printed
    code, document = applied.verify()
    assert code == 0, document


def test_applies_from_two_checkouts_at_once(applied: Checkout, tmp_path: Path, ssm: SSMClient) -> None:
    """Only the states' locks are between them: who meets the other's stops, and names the holder."""
    other = Checkout.copy_to(tmp_path / "checkout")
    (other.root / ".local").mkdir()
    for name in ("env", "honeycomb-key"):
        shutil.copy2(applied.root / ".local" / name, other.root / ".local" / name)
    ssm.delete_parameter(Name=f"{PATH}/honeycomb/api-key")
    runs = [checkout.start("apply") for checkout in (applied, other)]
    results = []
    for process in runs:
        assert process.stdout is not None
        with process.stdout:
            printed = process.stdout.read()
        results.append((process.wait(timeout=120), printed))
    # each unit has a state of its own: both may hold one that the other wants
    assert {code for code, _ in results} <= {0, 2}, results
    for code, printed in results:
        assert "Traceback" not in printed
        if code == 2:
            assert re.search(r"locked by \S+@\S+ .* since \d{4}-", printed), printed
    applied.succeed("apply")
    code, document = applied.verify()
    assert code == 0, document


def test_a_rule_changed_by_hand(applied: Checkout, xray: XRayClient) -> None:
    """Verify shows expected and actual side by side and answers 1; plan shows the change; apply mends it.

    The rule itself fails, and the rate that each of the routes comes to.
    """
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": NAME, "FixedRate": 0.5})
    code, document = applied.verify()
    assert code == 1
    failed = [check for check in document["checks"] if check["status"] == "fail"]
    routes = json.loads((ROOT / "scripts" / "routes.json").read_text())
    ours = [one["route"] for one in routes if not one["path"].startswith(("/health", "/demo"))]
    assert failed[0]["id"] == f"xray.rule.{NAME}"
    assert {check["id"] for check in failed[1:]} == {f"xray.rule.effective.{route}" for route in ours}
    assert "0.1" in str(failed[0]["expected"])
    assert "0.5" in str(failed[0]["actual"])
    assert failed[0]["remedy"]
    text = applied.succeed("plan", "--unit", "xray")
    assert "0.5 -> 0.1" in text
    applied.succeed("apply", "--unit", "xray")
    assert applied.verify()[0] == 0


def test_a_group_deleted_by_hand(applied: Checkout, xray: XRayClient) -> None:
    """What is missing is told as missing, by name."""
    xray.delete_group(GroupName=NAME)
    code, document = applied.verify()
    assert code == 1
    failed = [check for check in document["checks"] if check["status"] == "fail"]
    assert [check["id"] for check in failed] == [f"xray.group.{NAME}"]
    assert "1 to add" in applied.succeed("plan", "--unit", "xray")
    applied.succeed("apply", "--unit", "xray")
    assert applied.verify()[0] == 0


def test_a_wrong_key_in_ssm_fails_that_check(applied: Checkout, ssm: SSMClient, key: str) -> None:
    """Honeycomb's refusal fails the key's check alone, and neither key is printed."""
    name = f"{PATH}/honeycomb/api-key"
    wrong = "hcaik_" + "q" * 58
    ssm.put_parameter(Name=name, Value=wrong, Type="SecureString", Overwrite=True)
    try:
        finished = applied.run("verify", "--format", "json")
    finally:
        ssm.put_parameter(Name=name, Value=key, Type="SecureString", Overwrite=True)
    assert finished.returncode == 1
    assert '"honeycomb.key"' in finished.stdout
    assert wrong not in finished.stdout + finished.stderr
    assert key not in finished.stdout + finished.stderr


def test_a_key_that_became_a_plain_string_is_found(applied: Checkout, ssm: SSMClient, key: str) -> None:
    """A key in the clear fails the check, and the remedy says how to write it anew."""
    name = f"{PATH}/honeycomb/api-key"
    ssm.delete_parameter(Name=name)
    ssm.put_parameter(Name=name, Value=key, Type="String")
    code, document = applied.verify()
    failed = [check for check in document["checks"] if check["status"] == "fail"]
    assert code == 1
    assert [check["id"] for check in failed] == [f"ssm.parameter.{name}"]
    assert "SecureString" in str(failed[0]["expected"])
    ssm.delete_parameter(Name=name)
    applied.succeed("apply", "--unit", "honeycomb-key")
    assert applied.verify()[0] == 0


def test_wrong_words_are_told_in_one_place(cloud: Checkout) -> None:
    """An unknown environment, unit or format: exit code 2 and what is allowed."""
    for arguments in (("plan", "--env", "staging"), ("verify", "--format", "yaml")):
        finished = cloud.run(*arguments)
        assert finished.returncode == 2
        assert "choose from" in finished.stderr
    assert "xray" in _refused(cloud, "plan", "--unit", "nothing")
