"""`make deploy ONLY=deployment` as a workflow runs it: with a session of the deploy role, authorisation on.

The environment is dev, for which nothing runs on this machine; the local cloud stands for AWS.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.deploy import registry
from scripts.iam import unit_calls
from tests.end_to_end.checkout import Checkout
from tests.end_to_end.roles import ACCOUNT, Session, client
from tests.end_to_end.test_backend_permissions import authorising

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.timeout(1500)
COMMAND_TIMEOUT_SECONDS = 900
NAME = "cruddur-dev-backend-flask"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
PARAMETER = "/cruddur/dev/backend-flask/deploy/image"
DEV = ("--env", "dev", "--approve", "dev")
ONLY = ("deploy", *DEV, "--only-deployment")
# The command asks for Honeycomb's key for its own trace, and does without.
ASKED_IN_VAIN = {"ssm:GetParameter"}


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout in which all that isn't the deploy role's is applied to dev, in a VPC that was there.

    To make a network and a certificate too would take a minute: tests/terraform/test_access_calls.py does.
    """
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("dev") / "checkout")
    checkout.succeed("local-up")
    try:
        addresses = checkout.addresses()
        (checkout.root / "terraform/backend-app/config/dev/env.hcl").write_text(
            f'locals {{\n  account_id = "{ACCOUNT}"\n  region = "us-east-1"\n  local_cloud = true\n'
            f'  honeycomb_endpoint = "{addresses["HONEYCOMB_API_ENDPOINT"]}"\n'
            '  github = { owner = "octo-org", repository = "octo-repo" }\n'
            f"  network_existing = {_network(checkout)}\n"
            f'  service_certificate_arn = "{_certificate(checkout)}"\n'
            "  sampling_rules = { service = { reservoir_size = 5, fixed_rate = 0.1 } }\n}\n"
        )
        checkout.environment = _of_aws(addresses, addresses)
        key = (checkout.root / ".local" / "honeycomb-key").read_text().strip()
        for units in ((), ("--unit", "access"), ("--unit", "network")):
            checkout.succeed("apply", *DEV, *units, environment={"HONEYCOMB_API_KEY": key})
        yield checkout
    finally:
        checkout.environment = {}
        checkout.succeed("local-down")


def _network(checkout: Checkout) -> str:
    """Make a VPC with two zones' subnets and return it as the setting has it."""
    ec2 = client(checkout, "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.99.{number}.0/24", AvailabilityZone=zone)["Subnet"]
        for number, zone in enumerate(2 * ["us-east-1a", "us-east-1b"])
    ]
    public, private = (json.dumps([one["SubnetId"] for one in part]) for part in (subnets[:2], subnets[2:]))
    return f'{{ vpc_id = "{vpc}", public_subnet_ids = {public}, private_subnet_ids = {private} }}'


def _certificate(checkout: Checkout) -> str:
    """Return the ARN of a new certificate."""
    acm = client(checkout, "acm")
    return str(acm.request_certificate(DomainName="api.example.test")["CertificateArn"])


def _of_aws(addresses: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return {
        "AWS_ENDPOINT_URL": addresses["AWS_ENDPOINT_URL"],
        **{name: keys[name] for name in names if name in keys},
    }


def _as_deployer(checkout: Checkout, session: Session, *arguments: str) -> str:
    """Run a command with *session*, authorised; it has to end with 0. Return what it printed."""
    with authorising(session.endpoint):
        finished = checkout.run(*arguments, environment=session.variables, timeout=COMMAND_TIMEOUT_SECONDS)
    text = finished.stdout + finished.stderr
    assert finished.returncode == 0, text
    assert "Traceback" not in text
    return text


def test_the_deploy_role_deploys_its_units_and_another_image(dev: Checkout) -> None:
    """From no registry to a service that is steady, then another image; no more than its rights.

    The first run is refused before anything is made: there is no image, and nowhere to push one.
    """
    session = Session.of(dev, "deploy", NAME)
    with authorising(session.endpoint):
        missing = dev.run(*ONLY, "--image", f"{REPOSITORY}:first", environment=session.variables)
    assert missing.returncode == 2, missing.stdout
    assert "there is no image" in missing.stderr
    _as_deployer(dev, session, "apply", *DEV, "--unit", "registry")
    ecr, ssm = client(dev, "ecr"), client(dev, "ssm")
    for tag in ("first", "second"):
        ecr.put_image(repositoryName=NAME, imageManifest=registry.manifest(tag), imageTag=tag)
        text = _as_deployer(dev, session, *ONLY, "--image", f"{REPOSITORY}:{tag}")
        assert f"{tag} serves" in text
        assert ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"] == f"{REPOSITORY}:{tag}"
    _as_deployer(dev, session, "output", "--env", "dev", "--unit", "service")
    used = {action for action in session.actions() if not action.startswith("s3:")}
    assert "xray:PutTraceSegments" in used
    assert used <= unit_calls.needed_by(unit_calls.DEPLOY) | ASKED_IN_VAIN
