"""What can be in the way: states, other people's files, plans that fail. No file is changed then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts import state
from scripts.adopt import held
from scripts.errors import OperatorError
from scripts.terragrunt.render import Target, Unit
from tests.end_to_end.checkout import ROOT, Checkout
from tests.scripts.adopt.place import BUCKET, NAME, PATH

if TYPE_CHECKING:
    from tests.scripts.adopt.place import Place

STATE = "backend-flask/xray/terraform.tfstate"


def test_nothing_is_there(place: Place) -> None:
    """X-Ray's own group is none to adopt, and named it is in the way."""
    said = place.adopt("--names", "Default", code=1)
    assert said.splitlines()[-1] == "adopt local: nothing to adopt, but 1 left out"
    assert "left out: Default: it is X-Ray's own" in said
    assert place.files() == {}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--unit", "honeycomb-key"], "the key is never adopted: an import would copy it into the state"),
        (["--unit", "network"], "nothing can be adopted in unit 'network'"),
        (["--unit", "all"], "nothing can be adopted in unit 'all'"),
        (["--unit", "logs", "--names", "a"], "NAMES are of groups and sampling rules"),
        (["--names", "[1]"], "NAMES is a JSON list, but not one of names"),
    ],
)
def test_what_can_t_be_asked_for(arguments: list[str], why: str) -> None:
    """One line each, with what to do, before anything is asked: there is no cloud."""
    finished = Checkout(ROOT).run("adopt", *arguments)
    said = finished.stdout + finished.stderr
    assert finished.returncode == 2
    assert said.startswith(f"adopt: {why}")
    assert said.count("\n") == 1


def test_the_key_is_left_out_and_its_value_not_read(place: Place) -> None:
    """A line says why; that apply takes the parameter over is no failure."""
    key = "hcaik_" + "w" * 58
    place.parameter("honeycomb/api-key", key, Type="SecureString")
    said = place.adopt(code=0)
    assert (
        f"left out: parameter {PATH}/honeycomb/api-key: an import would copy the key into the state" in said
    )
    assert key not in said
    assert place.files() == {}


def test_a_locked_state(place: Place) -> None:
    """Somebody is at work on it: who, and since when."""
    place.group()
    lock = {"ID": "lock-1", "Who": "me@laptop", "Operation": "OperationTypeApply", "Created": "2026-01-01"}
    place.client("s3").put_object(Bucket=BUCKET, Key=f"{STATE}.tflock", Body=json.dumps(lock).encode())
    said = place.adopt(code=2)
    assert "the state is locked: xray by me@laptop (OperationTypeApply) since 2026-01-01" in said
    assert "where it died: `make unlock ENV=local LOCK=lock-1`" in said
    assert place.files() == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"version": 4}', b'{"resources": [{}]}'])
def test_what_is_no_state(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """Whatever lies there, it is named with its place."""
    monkeypatch.setattr(state, "read_object", lambda *_: body)
    unit = Unit("xray", {}, BUCKET, STATE, "us-east-1", "", Target("us-east-1", "123456789012", PATH, ""))
    with pytest.raises(OperatorError, match=f"the state of xray in {BUCKET} can't be read") as raised:
        held.of(unit)
    assert f"s3://{BUCKET}/{STATE}" in raised.value.remedy


def test_a_state_that_is_none(place: Place) -> None:
    """The command ends by it."""
    place.client("s3").put_object(Bucket=BUCKET, Key=STATE, Body=b"{")
    said = place.adopt("--unit", "xray", code=2)
    assert f"the state of xray in {BUCKET} can't be read" in said
    assert f"s3://{BUCKET}/{STATE}" in said


def test_without_a_bucket_it_is_to_be_made_alone(place: Place) -> None:
    """An apply would make it, but also try to make what is there by hand."""
    settings = place.checkout.root / "terraform/backend-app/config/dev/env.hcl"
    before = settings.read_text()
    settings.write_text(
        'locals {\n  account_id = "123456789012"\n  region = "us-east-1"\n'
        '  honeycomb_endpoint = "https://api.honeycomb.io"\n}\n'
    )
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    try:
        finished = place.checkout.run(
            "adopt", "--env", "dev", environment={name: place.addresses[name] for name in names}
        )
    finally:
        settings.write_text(before)
    assert finished.returncode == 2
    assert "the state bucket cruddur-dev-terraform-state-123456789012 does not exist" in finished.stderr
    assert "`terragrunt backend bootstrap` in terraform/backend-app/config/dev/" in finished.stderr


def test_what_an_apply_that_was_cut_short_left_behind(place: Place) -> None:
    """Half of it is in the state: the other half is taken over, and is as it was asked for.

    A group made anew while the state has the old one can't be: the remedy is told, and the exit code is 1.
    """
    place.checkout.succeed("apply", "--unit", "xray")
    s3 = place.client("s3")
    state: dict[str, Any] = json.loads(s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
    for resource in state["resources"]:
        if resource["type"] == "aws_xray_sampling_rule":
            resource["instances"] = [one for one in resource["instances"] if one["index_key"] != NAME]
    s3.put_object(Bucket=BUCKET, Key=STATE, Body=json.dumps({**state, "serial": 99}).encode())
    said = place.adopt("--unit", "xray", code=0)
    assert said.splitlines()[-1] == "adopt local: 1 sampling rule to import, nothing else changes"
    assert set(place.files()) == {"xray/imports.tf"}
    assert place.files()["xray/imports.tf"].count("import {") == 1

    xray = place.client("xray")
    xray.delete_sampling_rule(RuleName=NAME)
    xray.delete_group(GroupName=NAME)
    place.group(expression="fault")
    said = place.adopt("--unit", "xray", code=1)
    assert "the state holds another of that name, arn:aws:xray:" in said
    assert "state rm aws_xray_group.this" in said
    assert place.files() == {}


def test_files_of_other_people_stay(place: Place) -> None:
    """Neither adopted.hcl nor imports.tf is overwritten once somebody has changed it."""
    place.group(expression="fault")
    for below, text in (("adopted.hcl", "locals {\n}\n"), ("xray/imports.tf", "# mine\n")):
        path = place.config / below
        path.write_text(text)
        said = place.adopt("--unit", "xray", code=2)
        assert f"{below} is not, or no longer, as adopt wrote it, and is not overwritten" in said
        assert place.files() == {below: text}
        path.unlink()


def test_a_plan_that_can_t_be_made_leaves_no_file(place: Place) -> None:
    """What the stack refuses, as a path in Honeycomb's address, is told, and the checkout is as before."""
    place.parameter("honeycomb/endpoint", "https://api.honeycomb.io/v1")
    said = place.adopt("--unit", "honeycomb", code=2)
    assert "no plan, so the files are as they were before" in said
    assert 'endpoint "https://api.honeycomb.io/v1" must be' in said.splitlines()[-1]
    assert place.files() == {}


def test_a_change_is_named_value_by_value(place: Place) -> None:
    """A tag that env.hcl asks for and AWS lacks: the files are there, and the exit code is 1."""
    settings = place.config / "env.hcl"
    tags = f'  resource_tags = {{ xray = {{ "rule/{NAME}" = {{ Team = "a" }} }} }}\n'
    settings.write_text(settings.read_text().replace("  sampling_rules = {", f"{tags}  sampling_rules = {{"))
    place.group()
    place.rule()
    place.health()
    place.rule("theirs", tags={"ManagedBy": "terragrunt", "Service": "other"})
    place.rule("${x}")
    said = place.adopt("--unit", "xray", "--names", "*", code=1)
    assert f'xray: aws_xray_sampling_rule.this["{NAME}"]: tags: ' in said
    assert '-> {"Team": "a"}' in said
    assert "left out: sampling rule theirs: another configuration has it under Terragrunt" in said
    assert "left out: sampling rule ${x}: a value has ${ or %{" in said
    assert said.splitlines()[-1].endswith("more in the plan and 2 left out")
    assert set(place.files()) == {"xray/imports.tf"}


def test_as_many_rules_as_there_is_room_for(place: Place) -> None:
    """25 beside Default, four with quotes and other letters in their names, all taken over."""
    place.group()
    place.rule()
    place.health()
    for number in range(23):
        odd = ("", ' "q"', " ü", " \\", " #")[number if number < 5 else 0]
        place.rule(f"r{number}{odd}", Priority=number + 1, URLPath=f"/{number}*")
    said = place.adopt("--unit", "xray", "--names", "r*", code=0)
    assert "1 group, 25 sampling rules to import, nothing else changes" in said.splitlines()[-1]
