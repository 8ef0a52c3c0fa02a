"""The lock on deployments that every machine sees, and freeing what a dead run has left of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.deploy import lock_file, locks, prerequisites, unlocking
from scripts.deploy.lock_file import Lock, this_machine
from scripts.errors import OperatorError
from scripts.output import Output
from scripts.preflight import Caller
from scripts.session import Session
from scripts.terragrunt.render import Target, Unit

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.deploy.names import Names
    from scripts.environment import Environment

NAMES = ("access", "alarms", "network", "registry", "service")
ELSEWHERE = Lock("the-id", "deploy", "me@elsewhere", "2026-03-01T12:00:00+00:00", "another boot", 1, 1)


@pytest.fixture
def s3(local: Environment) -> Any:
    """A client of the local cloud's S3."""
    session: Any = boto3.Session(region_name=local.variables["AWS_REGION"])
    return session.client("s3", endpoint_url=local.variables["AWS_ENDPOINT_URL"])


@pytest.fixture
def opened(local: Environment, names: Names, s3: Any) -> Session:
    """A session of some units, with a state bucket of this test alone."""
    bucket = f"{names.service}-states"[-60:].lstrip("-")
    s3.create_bucket(Bucket=bucket)
    target = Target("us-east-1", "123456789012", "/d", "env.hcl")
    units = {
        name: Unit(name, {}, bucket, f"d/{name}/terraform.tfstate", "us-east-1", "", target) for name in NAMES
    }
    caller = Caller("123456789012", "arn:aws:iam::123456789012:root", "us-east-1")
    return Session(local, units, caller, Output())


def _content(s3: Any, opened: Session) -> bytes:
    found = s3.get_object(Bucket=opened.any_unit.bucket, Key="d/service/terraform.tfstate.deployment")
    return bytes(found["Body"].read())


def _hold(s3: Any, opened: Session, lock: Lock) -> None:
    unit = opened.any_unit
    s3.put_object(Bucket=unit.bucket, Key=locks.key(unit), Body=lock.text())


def _hold_state(s3: Any, opened: Session, lock_id: str) -> None:
    lock = {"ID": lock_id, "Operation": "OperationTypeApply", "Who": "me@there", "Created": "today"}
    unit = opened.units["network"]
    s3.put_object(Bucket=unit.bucket, Key=f"{unit.state_key}.tflock", Body=json.dumps(lock).encode())


def test_one_holds_it_and_others_are_told_who(opened: Session, s3: Any) -> None:
    """Held once at a time, freed at the end, also of a block that raises; then it can be held again."""

    def hold() -> None:
        with locks.alone_everywhere(opened, "deploy"):
            assert json.loads(_content(s3, opened))["Operation"] == "deploy"
            with pytest.raises(OperatorError, match=r"by \S+@\S+ since .*`make unlock ENV=local LOCK="):
                locks.require_free(opened)
            with pytest.raises(OperatorError, match="under way"), locks.alone_everywhere(opened, "rollback"):
                pytest.fail("it was held twice")
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            hold()
        assert _content(s3, opened) == locks.FREE
        locks.require_free(opened)


def test_what_a_killed_process_of_this_machine_held_is_taken_over(
    opened: Session, s3: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said in a line. A process that runs keeps it."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = replace(ELSEWHERE, machine=this_machine(), pid=ended.pid)
    assert dead.is_dead
    assert not Lock.of_this_process("deploy").is_dead
    _hold(s3, opened, dead)
    locks.require_free(opened)
    with locks.alone_everywhere(opened, "deploy"):
        pass
    assert "deploy by me@elsewhere since 2026-03-01T12:00:00+00:00 was killed" in capsys.readouterr().out


def test_nobody_is_dead_on_a_system_that_does_not_tell_which_one_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As without /proc: two such machines would look the same."""
    monkeypatch.setattr(lock_file, "_BOOT", tmp_path / "missing")
    assert this_machine() == ""
    assert not replace(ELSEWHERE, machine="", pid=2**22 + 1).is_dead


def test_what_another_machine_held_is_freed_by_its_id(opened: Session, s3: Any) -> None:
    """Nobody here knows whether that process runs; a wrong id says which there are."""
    _hold(s3, opened, ELSEWHERE)
    with pytest.raises(OperatorError, match="make unlock ENV=local LOCK=the-id"):
        locks.require_free(opened)
    found = unlocking.held(opened)
    for wrong in ("", "other"):
        with pytest.raises(OperatorError, match="the-id is the deployment, deploy by me@elsewhere"):
            unlocking.require(found, wrong, "local")
    unlocking.free(opened, "the-id")
    locks.require_free(opened)
    with pytest.raises(OperatorError, match="nothing is locked, go on"):
        unlocking.require(unlocking.held(opened), "the-id", "local")


def test_a_lock_that_has_changed_hands_is_not_freed(
    opened: Session, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the freeing, the next one may have taken it: a deployment's lock or a state's."""
    _hold(s3, opened, ELSEWHERE)
    _hold_state(s3, opened, "1-2")
    before = unlocking.held(opened)
    _hold(s3, opened, replace(ELSEWHERE, id="the-next"))
    _hold_state(s3, opened, "3-4")
    for lock_id in ("the-id", "1-2"):
        with pytest.raises(OperatorError, match=f"local has no lock {lock_id}: give LOCK=<id> of one"):
            unlocking.free(opened, lock_id)
    monkeypatch.setattr(unlocking, "held", lambda _: before)
    with pytest.raises(OperatorError, match="the lock the-id is another's by now"):
        unlocking.free(opened, "the-id")
    monkeypatch.undo()
    assert sorted(unlocking.held(opened)) == ["3-4", "the-next"]


def test_the_lock_is_encrypted_as_the_states_are(opened: Session, s3: Any) -> None:
    """Whatever the bucket's default is: the role that deploys may decrypt nothing. Held and freed."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(
        Bucket=opened.any_unit.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )

    def encryption() -> str:
        found = s3.head_object(Bucket=opened.any_unit.bucket, Key=locks.key(opened.any_unit))
        return str(found["ServerSideEncryption"])

    with locks.alone_everywhere(opened, "deploy"):
        assert encryption() == "AES256"
    assert encryption() == "AES256"


def test_a_states_lock_is_freed_too(opened: Session, s3: Any) -> None:
    """As Terraform writes it."""
    _hold_state(s3, opened, "1-2")
    wanted = unlocking.require(unlocking.held(opened), "1-2", "local")
    assert wanted.what == "the state of network by me@there (OperationTypeApply) since today"
    unlocking.free(opened, "1-2")
    assert unlocking.held(opened) == {}


@given(st.binary(max_size=40) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_lies_there_can_be_read(content: bytes | str) -> None:
    """What is no lock of ours has an unknown holder, who is not taken for dead."""
    lock = Lock.parse(content.encode() if isinstance(content, str) else content)
    assert not lock.is_dead
    assert "unknown" in str(lock)


def test_a_lock_is_read_as_it_was_written() -> None:
    """With Terraform's names for what Terraform has too."""
    assert Lock.parse(ELSEWHERE.text()) == ELSEWHERE
    assert {"ID", "Operation", "Who", "Created"} <= set(json.loads(ELSEWHERE.text()))


def test_a_deployment_alone_needs_all_other_units(opened: Session, s3: Any) -> None:
    """Never applied or destroyed since, a unit is named; one that is there is enough."""
    bucket = opened.any_unit.bucket
    resource = {"mode": "managed", "instances": [{}]}
    with pytest.raises(OperatorError, match="access, network were not applied to local"):
        prerequisites.require(opened)
    for name, resources in (("access", [resource]), ("network", [])):
        body = json.dumps({"resources": resources}).encode()
        s3.put_object(Bucket=bucket, Key=opened.units[name].state_key, Body=body)
    with pytest.raises(OperatorError, match=r"network was not applied .*`make apply .*network`"):
        prerequisites.require(opened)
    # An existing VPC that is used gives outputs alone.
    for applied in ({"resources": [resource]}, {"resources": [], "outputs": {"vpc_id": {"value": "vpc-1"}}}):
        body = json.dumps(applied).encode()
        s3.put_object(Bucket=bucket, Key=opened.units["network"].state_key, Body=body)
        prerequisites.require(opened)
