"""The contract suite holds on the local cloud, by the command that a real account is asked with."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import requests

from scripts.conform.cases import all_cases
from scripts.conform.limits import TRACES_RECORDED_MAX

if TYPE_CHECKING:
    from tests.end_to_end.checkout import Checkout

CASES = {case.id: case for case in all_cases()}
INTERRUPTS = 4


def _things(cloud: Checkout) -> dict[str, list[str]]:
    """Return the names of everything that a run makes and removes."""
    addresses = cloud.addresses()
    xray = boto3.client(
        "xray",
        region_name=addresses["AWS_REGION"],
        endpoint_url=addresses["AWS_ENDPOINT_URL"],
        aws_access_key_id=addresses["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=addresses["AWS_SECRET_ACCESS_KEY"],
    )
    rules = xray.get_sampling_rules()["SamplingRuleRecords"]
    found = {
        "groups": sorted(one["GroupName"] for one in xray.get_groups()["Groups"]),
        "rules": sorted(one["SamplingRule"]["RuleName"] for one in rules),
    }
    xray.close()
    key = (cloud.root / ".local" / "honeycomb-key").read_text().strip()
    for what, path in (("data sets", "datasets"), ("boards", "boards"), ("markers", "markers/__all__")):
        url = f"{addresses['HONEYCOMB_API_ENDPOINT']}/1/{path}"
        listed = requests.get(url, headers={"x-honeycomb-team": key}, timeout=10).json()
        found[what] = sorted(str(one.get("slug") or one["id"]) for one in listed)
    return found


@pytest.fixture(scope="module")
def answered(cloud: Checkout) -> dict[str, Any]:
    """What `make conform FORMAT=json` says of the local cloud, and what was there before and after it."""
    before = _things(cloud)
    finished = cloud.run("conform", "--format", "json")
    assert finished.stdout, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    return {"document": document, "stderr": finished.stderr, "before": before, "after": _things(cloud)}


@pytest.mark.parametrize("case_id", CASES)
def test_the_claim_holds(answered: dict[str, Any], case_id: str) -> None:
    """Each claim that the suite makes is what the local cloud does."""
    case = next(one for one in answered["document"]["cases"] if one["id"] == case_id)
    assert (case["status"], case["detail"]) == ("holds", "")


def test_everything_is_as_it_was(answered: dict[str, Any]) -> None:
    """Groups, rules, boards, markers and data sets are those from before the run."""
    assert "left behind" not in answered["stderr"]
    assert answered["after"] == answered["before"]


def test_the_cost_is_stated_first_and_the_key_never(answered: dict[str, Any], key: str) -> None:
    """The first line says what the run costs at most; nothing that it prints holds the key."""
    assert f"at most {TRACES_RECORDED_MAX} traces recorded" in answered["stderr"].splitlines()[0]
    assert key not in answered["stderr"] + json.dumps(answered["document"])


def test_ctrl_c_leaves_nothing_behind(cloud: Checkout, xray: Any, answered: dict[str, Any]) -> None:
    """Interrupted while a group of its own exists, it removes that first, and then says so: exit code 2."""

    def groups() -> int:
        return len(xray.get_groups()["Groups"])

    there = groups()
    for _ in range(INTERRUPTS):
        process = cloud.start("conform", "--case", "xray.group.*")
        while process.poll() is None and groups() == there:
            time.sleep(0.001)
        caught = process.poll() is None
        if caught:
            process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
        assert _things(cloud) == answered["after"], said
        if caught and process.returncode == 2:
            assert "interrupted" in said
            return
    pytest.fail(f"none of {INTERRUPTS} runs could be interrupted while a group was there")


def test_a_key_that_honeycomb_does_not_know_is_told_at_once(cloud: Checkout) -> None:
    """Exit code 2, one line with what to do, and the key is not in it."""
    unknown = 11 * "aB"
    environment = {"HONEYCOMB_API_KEY": unknown}
    finished = cloud.run("conform", "--case", "honeycomb.*", environment=environment)
    assert finished.returncode == 2
    assert "does not know the key" in finished.stderr
    assert unknown not in finished.stdout + finished.stderr


def test_a_real_account_is_asked_only_with_approval(cloud: Checkout) -> None:
    """Off a terminal, and without APPROVE, nothing is asked."""
    finished = cloud.run("conform", "--env", "dev")
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "needs approval" in finished.stderr


def test_a_real_account_is_not_asked_at_another_endpoint(cloud: Checkout) -> None:
    """An endpoint variable that is set would have another service take the claims for AWS's."""
    environment = {"AWS_ENDPOINT_URL": cloud.addresses()["AWS_ENDPOINT_URL"]}
    finished = cloud.run("conform", "--env", "dev", "--approve", "dev", environment=environment)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert "AWS_ENDPOINT_URL would lead dev's calls elsewhere" in finished.stderr


def test_an_unknown_case_is_told(cloud: Checkout) -> None:
    """One line, exit code 2."""
    finished = cloud.run("conform", "--case", "nothing.*")
    assert finished.returncode == 2
    assert finished.stderr.startswith("conform: no case is called nothing.*")
