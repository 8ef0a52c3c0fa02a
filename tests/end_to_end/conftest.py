"""One local cloud for the end-to-end tests, in a copy of the checkout, and everything applied in it once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import boto3
import psutil
import pytest

from tests.end_to_end.backend import Stage, staged
from tests.end_to_end.checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout with its local cloud running; at the end the process is gone."""
    checkout = Checkout.copy_to(tmp_path_factory.mktemp("cloud") / "checkout")
    checkout.succeed("local-up")
    pid = json.loads((checkout.root / ".local" / "localcloud.json").read_text())["pid"]
    try:
        yield checkout
    finally:
        checkout.succeed("local-down")
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="session")
def applied(cloud: Checkout) -> Checkout:
    """The same, with every tracing unit applied."""
    cloud.succeed("apply")
    return cloud


@pytest.fixture
def key(cloud: Checkout) -> str:
    """The local Honeycomb's key: what must be found nowhere else."""
    return (cloud.root / ".local" / "honeycomb-key").read_text().strip()


@pytest.fixture
def session(cloud: Checkout) -> Callable[..., boto3.Session]:
    """Make boto3 sessions for the local cloud; other credentials can be given."""
    addresses = cloud.addresses()

    def make(**others: str) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=others.get("access_key", addresses["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=others.get("secret_key", addresses["AWS_SECRET_ACCESS_KEY"]),
            region_name=addresses["AWS_REGION"],
        )

    return make


@pytest.fixture
def ssm(cloud: Checkout, session: Callable[..., boto3.Session]) -> SSMClient:
    """A client of the local cloud's SSM."""
    client: SSMClient = session().client("ssm", endpoint_url=cloud.addresses()["AWS_ENDPOINT_URL"])
    return client


@pytest.fixture
def xray(cloud: Checkout, session: Callable[..., boto3.Session]) -> XRayClient:
    """A client of the local cloud's X-Ray."""
    client: XRayClient = session().client("xray", endpoint_url=cloud.addresses()["AWS_ENDPOINT_URL"])
    return client


@pytest.fixture
def stage(cloud: Checkout) -> Iterator[Stage]:
    """A backend's resources for one test alone, made by boto3 on the local cloud."""
    with staged(cloud) as resources:
        yield resources


@pytest.fixture
def isolation() -> dict[str, str]:
    """Variables that keep the machine's own AWS settings out of a command."""
    return {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
