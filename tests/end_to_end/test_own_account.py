"""README's "On your own AWS account", block by block: dev's empty environment, the local cloud for AWS.

A command in docker's place puts the image's manifest into the registry, and a process stands for the tasks:
it logs what its workers have loaded, as they would.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.backend.process.backend_process import free_port
from tests.end_to_end.checkout import Checkout
from tests.end_to_end.processes import end_all, kill_all
from tests.test_docs import shell_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(1800)
BLOCK_TIMEOUT_SECONDS = 900
BUCKET = "cruddur-dev-terraform-state-123456789012"
OTHERS = (
    *("access", "alarms", "honeycomb", "honeycomb-key", "logs"),
    *("network", "registry", "service"),
)
CHANGES = ("apply", "deploy", "rollback", "destroy")
DOCKER = """#!/bin/sh
case "$1" in
  version) echo 28.0.0 ;;
  context) echo unix:///run/docker.sock ;;
  login) cat > /dev/null ;;
  build) test -f Dockerfile && test -d backend-flask && test -d xray ;;
  push) AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test PYTHONPATH="{root}" exec "{python}" -c "
import sys
from types import SimpleNamespace
import boto3
from scripts.deploy import registry
repository, _, tag = sys.argv[1].partition('/')[2].rpartition(':')
ecr = boto3.client('ecr', 'us-east-1', endpoint_url='{endpoint}')
registry.put_manifest(SimpleNamespace(ecr=ecr), SimpleNamespace(repository=repository), tag)
" "$2" ;;
esac
"""


def section(checkout: Checkout) -> str:
    """Return README's section."""
    return (
        (checkout.root / "README.md").read_text().split("## On your own AWS account\n")[1].split("\n## ")[0]
    )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose env.hcl for dev is as the README says; its AWS is the local cloud, which is empty."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("own-account") / "checkout")
    checkout.succeed("local-up")
    addresses = checkout.addresses()
    folder = tmp_path_factory.mktemp("bin")
    docker = DOCKER.format(root=checkout.root, python=sys.executable, endpoint=addresses["AWS_ENDPOINT_URL"])
    (folder / "docker").write_text(docker)
    (folder / "docker").chmod(0o700)
    names = (
        *("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        "AWS_XRAY_DAEMON_ADDRESS",
    )
    checkout.environment = {
        **{name: addresses[name] for name in names},
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
    }
    configure(checkout, addresses["HONEYCOMB_API_ENDPOINT"])
    try:
        yield checkout
    finally:
        try:
            checkout.succeed("local-down")
        finally:
            end_all(checkout.root)


def configure(checkout: Checkout, honeycomb: str) -> None:
    """Do what step 2 says, with a zone that is there, and the local Honeycomb."""
    [block] = re.findall(r"```hcl\n(.*?)```", section(checkout), re.DOTALL)
    given = block.replace("Z0123456789ABCDEFGHIJ", zone(checkout)).replace("eu-west-1", "us-east-1")
    file = checkout.root / "terraform/backend-app/config/dev/env.hcl"
    kept = [line for line in file.read_text().splitlines() if not re.match(r" +(account_id|region) +=", line)]
    text = "\n".join([kept[0], given, *kept[1:]])
    text = text.replace("https://api.honeycomb.io", honeycomb)
    file.write_text(text.replace('honeycomb_environment = "dev"', 'honeycomb_environment = "local"'))


def client(checkout: Checkout, service: str) -> Any:
    """Return a client of the checkout's AWS."""
    variables = checkout.environment
    session: Any = boto3.Session(
        variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
    )
    return session.client(service, endpoint_url=variables["AWS_ENDPOINT_URL"])


def zone(checkout: Checkout) -> str:
    """Return the id of a new zone for example.com."""
    made = client(checkout, "route53").create_hosted_zone(Name="example.com", CallerReference="own-account")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


def block(checkout: Checkout, number: int) -> str:
    """Return a shell block; nobody can type the approval here, so that it is given."""
    text = shell_blocks(section(checkout))[number]
    return re.sub(rf"(make (?:{'|'.join(CHANGES)}) ENV=dev)", r"\1 APPROVE=dev", text)


def typed(checkout: Checkout, lines: str) -> str:
    """Run *lines* as a user's shell would and return what was printed. Fails where they do."""
    finished = subprocess.run(
        ["bash", "-e", "-c", lines],
        cwd=checkout.root,
        env=checkout.child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=BLOCK_TIMEOUT_SECONDS,
    )
    text = finished.stdout + finished.stderr
    assert finished.returncode == 0, text
    assert "Traceback" not in text
    return text


def tasks(checkout: Checkout, folder: Path) -> subprocess.Popen[bytes]:
    """Start what stands for two tasks of two workers: they log to the group, as the tasks' driver would."""
    variables = {"LOGS_CLOUDWATCH": "true", "GUNICORN_WORKERS": "4"}
    with (folder / "backend.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "scripts", "backend", "--env", "dev", "--port", str(free_port())],
            cwd=checkout.root,
            env=checkout.child_environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def test_the_readme_leads_from_nothing_to_a_verified_service_and_back(here: Checkout, tmp_path: Path) -> None:
    """Checked, planned, deployed, verified three ways, looked at, and taken away but for the state bucket."""
    key = (here.root / ".local" / "honeycomb-key").read_text().strip()
    assert len(shell_blocks(section(here))) == 4

    looked = typed(here, block(here, 0))
    assert "check dev: " in looked
    assert "apply dev: 3 added in xray" in looked
    [planned] = [
        line for line in looked.splitlines() if line.startswith("plan dev: ") and "no changes in xray" in line
    ]
    assert all(name in planned.partition("no changes")[0] for name in OTHERS), planned

    deployed = deploy(here, key, tmp_path)
    assert "2 tasks, verified" in deployed
    assert key not in deployed

    seen = typed(here, block(here, 2).partition("\n")[2])
    assert "https://api.example.com" in seen
    first = here.run("rollback", "--env", "dev", "--approve", "dev")
    assert (first.returncode, "no earlier image to go back to" in first.stderr) == (2, True)

    gone = typed(here, block(here, 3))
    assert "every unit goes" in gone
    for service, call, field in (
        ("ecs", "list_clusters", "clusterArns"),
        ("ecr", "describe_repositories", "repositories"),
        ("elbv2", "describe_load_balancers", "LoadBalancers"),
        ("acm", "list_certificates", "CertificateSummaryList"),
        ("logs", "describe_log_groups", "logGroups"),
        ("ssm", "describe_parameters", "Parameters"),
        ("iam", "list_roles", "Roles"),
    ):
        assert getattr(client(here, service), call)()[field] == [], service

    page = (here.root / "docs" / "own-account.md").read_text()
    [last] = [one for one in shell_blocks(page) if "object_versions" in one]
    typed(here, last)
    assert BUCKET not in {one["Name"] for one in client(here, "s3").list_buckets()["Buckets"]}


def deploy(checkout: Checkout, key: str, folder: Path) -> str:
    """Run the deployment's block, key typed in; while the service rolls out, the tasks start and verify."""
    said: list[str] = []
    serving: subprocess.Popen[bytes] | None = None
    with subprocess.Popen(
        ["bash", "-e", "-c", block(checkout, 1)],
        cwd=checkout.root,
        env=checkout.child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            running.stdin.write(f"{key}\n")
            running.stdin.close()
            for line in running.stdout:
                said.append(line)
                if serving is None and line.startswith("waiting for cruddur-dev-backend-flask"):
                    serving = tasks(checkout, folder)
            assert running.wait(timeout=60) == 0, "".join(said)
            assert serving is not None, "".join(said)
            typed(checkout, block(checkout, 2).partition("\n")[0])
        finally:
            kill_all(running)
            if serving is not None:
                serving.terminate()
                serving.wait(timeout=60)
    return "".join(said)
