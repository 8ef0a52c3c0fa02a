"""The AWS port in this process, one for all tests, and clients for it."""

from __future__ import annotations

import asyncio
import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from localcloud.aws.front import create_application
from localcloud.aws.state import AwsState
from localcloud.ports import HttpPort, bind
from tests.localcloud.aws.people import User, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_xray import XRayClient

_numbers = itertools.count(1)
HOST = "127.0.0.1"


@dataclass
class Endpoint:
    """A running AWS port."""

    url: str
    port: int
    state: AwsState

    def client(self, service: Any, **options: Any) -> Any:
        """Return a boto3 client that doesn't try again."""
        defaults = {
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
            "config": Config(retries={"total_max_attempts": 1}),
        }
        return boto3.client(service, endpoint_url=self.url, **{**defaults, **options})


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    """The AWS port on a free port."""
    state = AwsState()
    ready, done = threading.Event(), threading.Event()
    listener = bind(HOST, 0, "--aws-port")
    port = HttpPort(listener, create_application(state))
    number = port.port

    async def run() -> None:
        port.start()
        ready.set()
        await asyncio.to_thread(done.wait)
        await port.stop()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    yield Endpoint(f"http://{HOST}:{number}", number, state)
    done.set()
    thread.join(30)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def region() -> str:
    """A region of its own for each test, so that X-Ray has nothing in it yet; there are enough of them."""
    names = boto3.Session().get_available_regions("xray")
    return names[next(_numbers) % len(names)]


@pytest.fixture
def xray(endpoint: Endpoint, region: str) -> Iterator[XRayClient]:
    """A client of an X-Ray without groups, rules and traces of others."""
    from localcloud.aws.xray.models import xray_backends

    xray_backends["123456789012"].pop(region, None)
    client: XRayClient = endpoint.client("xray", region_name=region)
    yield client
    client.close()


@pytest.fixture
def iam(endpoint: Endpoint) -> Iterator[IAMClient]:
    """A client of IAM with every right."""
    client: IAMClient = endpoint.client("iam")
    yield client
    client.close()


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"name-{next(_numbers)}"


@pytest.fixture
def authorising(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The AWS port with authorisation switched on."""
    endpoint.state.authorise = True
    yield endpoint
    endpoint.state.authorise = False


@pytest.fixture
def rule() -> Callable[..., Any]:
    """Make sampling rules; what isn't given is as usual."""

    def make(name: str, **members: Any) -> Any:
        fields = ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath")
        anything = dict.fromkeys(fields, "*")
        defaults = {"Priority": 9000, "FixedRate": 0.1, "ReservoirSize": 5, "Version": 1}
        return {"RuleName": name, **anything, **defaults, **members}

    return make


@pytest.fixture
def user(authorising: Endpoint, iam: IAMClient, name: str) -> User:
    """A user without any policy."""
    iam.create_user(UserName=name)
    return User(name, authorising, keys_of(iam.create_access_key(UserName=name)["AccessKey"]))
