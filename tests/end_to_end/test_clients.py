"""Clients that are not ours, on the local cloud, without any script of ours between."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.checkout import Checkout

NAME = "cruddur-local-backend-flask"
DEPLOYMENT = ("access", "network", "registry", "service", "alarms")
DEADLINE_SECONDS = 30
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def _aws(checkout: Checkout, *arguments: str) -> dict[str, object]:
    addresses = checkout.addresses()
    finished = subprocess.run(
        [
            sys.executable,
            str(Path(sys.executable).with_name("aws")),
            "--endpoint-url",
            addresses["AWS_ENDPOINT_URL"],
            "--output",
            "json",
            *arguments,
        ],
        env={
            **os.environ,
            **{name: value for name, value in addresses.items() if name != "AWS_ENDPOINT_URL"},
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr
    document: dict[str, object] = json.loads(finished.stdout or "{}")
    return document


def test_the_aws_command_line(applied: Checkout) -> None:
    """`aws --endpoint-url` reads what Terraform made and makes resources of its own."""
    group = _aws(applied, "xray", "get-group", "--group-name", NAME)
    assert group["Group"]["FilterExpression"] == f'service("{NAME}")'  # type: ignore[index]
    rules = _aws(applied, "xray", "get-sampling-rules")
    names = {record["SamplingRule"]["RuleName"] for record in rules["SamplingRuleRecords"]}  # type: ignore[attr-defined]
    assert {NAME, "cruddur-local-health", "Default"} <= names
    made = _aws(
        applied,
        "xray",
        "create-group",
        "--group-name",
        "ByHand",
        "--filter-expression",
        'service("backend-flask")',
    )
    assert made["Group"]["GroupName"] == "ByHand"  # type: ignore[index]
    _aws(applied, "xray", "delete-group", "--group-name", "ByHand")
    parameter = _aws(
        applied, "ssm", "get-parameter", "--name", "/cruddur/local/backend-flask/xray/group-name"
    )
    assert parameter["Parameter"]["Value"] == NAME  # type: ignore[index]


_SDK_CLIENT = """
import os, sys, time
from aws_xray_sdk.core import xray_recorder, patch
host = os.environ["AWS_XRAY_DAEMON_ADDRESS"]
xray_recorder.configure(service="sdk-client", daemon_address=host, sampling=True)
deadline = time.monotonic() + 30
while not xray_recorder.sampler._cache.rules:
    xray_recorder.sampler.start()
    if time.monotonic() > deadline:
        sys.exit("no sampling rules arrived through the daemon")
    time.sleep(0.1)
ids = []
for _ in range(3):
    segment = xray_recorder.begin_segment("sdk-client", sampling=1)
    with xray_recorder.in_subsegment("work") as subsegment:
        subsegment.put_annotation("answer", 42)
    xray_recorder.end_segment()
    ids.append(segment.trace_id)
print(" ".join(ids))
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.timeout(900)
def test_what_readme_says_works_without_our_scripts(applied: Checkout) -> None:
    """README's shell lines as they stand there: Terragrunt plans all units, the AWS CLI lists the rules.

    What is applied shows no change; of the deployment's units, whose neighbours aren't there, all is new.
    """
    readme = (applied.root / "README.md").read_text()
    section = readme.partition("## Without our scripts")[2]
    lines = section.partition("```sh\n")[2].partition("```")[0]
    finished = subprocess.run(
        ["/bin/sh", "-e", "-c", lines],
        cwd=applied.root,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    text = _COLOURS.sub("", finished.stdout + finished.stderr)
    assert finished.returncode == 0, text
    assert text.count("No changes.") == 4
    planned = {
        name for name in DEPLOYMENT if re.search(rf"\[{name}\] .*Plan: [1-9]\d* to add, 0 to change", text)
    }
    assert planned == set(DEPLOYMENT), text
    assert f'"RuleName": "{NAME}"' in finished.stdout


def test_aws_xray_sdk_gets_rules_and_sends_segments(cloud: Checkout, xray: XRayClient) -> None:
    """The SDK's centralised sampler reads its rules through the daemon's TCP port; its segments arrive."""
    finished = subprocess.run(
        [sys.executable, "-c", _SDK_CLIENT],
        env={**os.environ, **cloud.addresses()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert finished.returncode == 0, finished.stderr
    ids = finished.stdout.split()
    assert len(ids) == 3
    documents = _documents(xray, ids)
    assert {document["name"] for document in documents} == {"sdk-client"}
    assert all(document["subsegments"][0]["annotations"] == {"answer": 42} for document in documents)  # type: ignore[index]


def _documents(xray: XRayClient, ids: list[str]) -> list[dict[str, object]]:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        traces = xray.batch_get_traces(TraceIds=ids)["Traces"]
        if len(traces) == len(ids) or time.monotonic() > deadline:
            assert len(traces) == len(ids), f"{len(traces)} of {len(ids)} traces arrived"
            return [json.loads(segment["Document"]) for trace in traces for segment in trace["Segments"]]
        time.sleep(0.2)


def test_broken_packets_are_counted_and_the_process_lives(cloud: Checkout, xray: XRayClient) -> None:
    """Random bytes, a missing header, a wrong version: what comes after them still arrives."""
    host, port = cloud.addresses()["AWS_XRAY_DAEMON_ADDRESS"].rsplit(":", 1)
    trace_id = f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
    good = {
        "name": "after",
        "id": os.urandom(8).hex(),
        "trace_id": trace_id,
        "start_time": 1.0,
        "end_time": 2.0,
    }
    packets = [
        b"",
        os.urandom(512),
        b'{"format":"json","version":1}',
        b'{"format":"json","version":2}\n{}',
        b'{"format":"xml","version":1}\n<a/>',
        b'{"format":"json","version":1}\n{"name":',
        b'{"format":"json","version":1}\n'
        + json.dumps({**good, "start_time": time.time(), "end_time": time.time()}).encode(),
    ]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, (host, int(port)))
    assert _documents(xray, [trace_id])[0]["name"] == "after"


_ROOT_MODULE = """
provider "aws" {
  region = "us-east-1"
}

module "xray" {
  source            = "%s"
  group_name        = "by-terraform-alone"
  filter_expression = "service()"
  sampling_rules = {
    by-terraform-alone = { priority = 100, reservoir_size = 1, fixed_rate = 0.5, service_name = "alone" }
  }
}
"""


def test_terraform_alone(cloud: Checkout, xray: XRayClient, tmp_path: Path) -> None:
    """A root of somebody else's that uses the stack: init, apply, plan without changes, destroy."""
    stack = cloud.root / "terraform/backend-app/stacks/xray"
    (tmp_path / "main.tf").write_text(_ROOT_MODULE % stack)

    def terraform(*arguments: str) -> str:
        finished = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=tmp_path,
            env={**os.environ, **cloud.addresses()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    assert "by-terraform-alone" in {group["GroupName"] for group in xray.get_groups()["Groups"]}
    assert "No changes." in terraform("plan", "-input=false", "-detailed-exitcode")
    terraform("destroy", "-auto-approve", "-input=false")
    assert "by-terraform-alone" not in {group["GroupName"] for group in xray.get_groups()["Groups"]}
