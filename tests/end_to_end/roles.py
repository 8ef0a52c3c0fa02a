"""The roles of unit access at the local cloud: their credentials, and what works with them."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import requests
from botocore.auth import SigV4Auth
from botocore.credentials import Credentials

from localcloud.daemon.daemon import Daemon
from localcloud.daemon.signing import SIGNING_NAME, Signer
from localcloud.daemon.upstream import Upstream
from scripts.iam.recording import actions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.end_to_end.checkout import Checkout

NAME = "cruddur-local-backend-flask"
ACCOUNT = "123456789012"
TELEMETRY_SECONDS = 0.2
TIMEOUT_SECONDS = 30
_LOCAL_FILES = ("env", "honeycomb-key")


@dataclass(frozen=True)
class Session:
    """A session of a role; the local cloud's own key may begin one, whomever the role trusts."""

    endpoint: str
    region: str
    variables: Mapping[str, str]

    @classmethod
    def of(cls, cloud: Checkout, role: str, name: str = NAME) -> Session:
        """Begin a session of the role *name*-*role*."""
        addresses = cloud.addresses()
        endpoint, region = addresses["AWS_ENDPOINT_URL"], addresses["AWS_REGION"]
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}-{role}"
        answer = client(cloud, "sts").assume_role(RoleArn=arn, RoleSessionName="test-session")
        given = answer["Credentials"]
        variables = {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
        return cls(endpoint, region, variables)

    def client(self, service: str) -> Any:
        """Return a client that signs as the role."""
        key, secret, token = self.variables.values()
        session = boto3.Session(key, secret, token, region_name=self.region)
        return session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    def local_folder(self, cloud: Checkout, folder: Path) -> dict[str, str]:
        """Return the variable that makes the operator's commands work as the role, with files in *folder*."""
        folder.mkdir(exist_ok=True)
        for name in _LOCAL_FILES:
            shutil.copy(cloud.root / ".local" / name, folder)
        with (folder / "env").open("a") as file:
            file.writelines(f"export {name}={value}\n" for name, value in self.variables.items())
        return {"TRACED_BACKEND_LOCAL": str(folder)}

    def calls(self) -> dict[str, set[int]]:
        """Return the HTTP statuses of each action that the cloud was called for with the role's key."""
        found: dict[str, set[int]] = {}
        for call in self._calls():
            if call["access_key"] == self.variables["AWS_ACCESS_KEY_ID"]:
                found.setdefault(f"{call['service']}:{call['operation']}", set()).add(call["status"])
        return found

    def actions(self) -> set[str]:
        """Return IAM's actions of all calls with the role's key, refused ones too."""
        return actions_of(self._calls(), self.variables["AWS_ACCESS_KEY_ID"])

    def _calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{self.endpoint}/_localcloud/calls", timeout=10).json()
        return found


def client(cloud: Checkout, service: str) -> Any:
    """Return a client with the local cloud's own key, which may do everything."""
    addresses = cloud.addresses()
    session = boto3.Session("test", "test", region_name=addresses["AWS_REGION"])
    return session.client(service, endpoint_url=addresses["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


@contextmanager
def daemon_of(session: Session) -> Iterator[str]:
    """Run a daemon that signs as the role, and yield its address."""
    variables = session.variables
    signer = Signer(access_key="", secret_key="", region=session.region)
    signer._auth = SigV4Auth(Credentials(*variables.values()), SIGNING_NAME, session.region)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(TIMEOUT_SECONDS)

    daemon = Daemon(
        host="127.0.0.1",
        port=0,
        upstream=Upstream(session.endpoint, signer),
        telemetry_interval=TELEMETRY_SECONDS,
    )
    try:
        run(daemon.start())
        yield f"127.0.0.1:{daemon.port}"
        run(daemon.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def statements_of(cloud: Checkout, role: str) -> list[dict[str, Any]]:
    """Return the statements of the role's policies as IAM has them."""
    iam = client(cloud, "iam")
    name = f"{NAME}-{role}"
    found = []
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        read: Any = json.loads(document) if isinstance(document, str) else document
        found += read["Statement"]
    return found
