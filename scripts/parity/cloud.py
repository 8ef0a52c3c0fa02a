"""A local cloud of the run's own, and what the backend reads at its start: everything is sampled.

It stands beside one that `make local-up` started and touches nothing of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import environment, localcloud_process, paths, secrets
from scripts.aws import clients
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient

REGION = "us-east-1"
NAME = "parity"
PARAMETER_PATH = f"/cruddur/{NAME}/backend-flask"
UNSAMPLED_PATH = "/health/tracing"
"""What is asked about the recording itself must not be recorded: the figures would never stand still."""


@dataclass(frozen=True)
class Cloud:
    """Where the run's local cloud listens, and the folder of its files and logs."""

    folder: Path
    aws_endpoint_url: str
    daemon_address: str
    honeycomb_api_endpoint: str
    region: str = REGION

    @property
    def xray(self) -> XRayClient:
        """X-Ray's client."""
        return clients(self.region).xray()


def started() -> Cloud:
    """Return the local cloud that `make local-up` started, whose variables become this process's own.

    Raises OperatorError where none runs.
    """
    chosen = environment.load("local")
    process = localcloud_process.running()
    if process is None:
        raise OperatorError("the local cloud is not running", remedy="run `make local-up`")
    clients.cache_clear()
    return Cloud(
        paths.local_folder(),
        process.aws_endpoint_url,
        process.daemon_address,
        process.honeycomb_api_endpoint,
        chosen.variables.get("AWS_REGION", REGION),
    )


@contextmanager
def running() -> Iterator[Cloud]:
    """Start a local cloud with everything that a backend reads, and end it.

    Its folder goes with it, but stays, for its logs, where the block raises. This process's own AWS variables
    are the local cloud's from here on.
    """
    shared = paths.local_folder()
    shared.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="parity-", dir=shared))
    former = os.environ.get(paths.LOCAL_VARIABLE)
    os.environ[paths.LOCAL_VARIABLE] = str(folder)
    try:
        process = localcloud_process.start(aws_port=0, daemon_port=0, honeycomb_port=0)
        try:
            yield _prepared(folder, process)
        finally:
            localcloud_process.stop(process)
    finally:
        os.environ.pop(paths.LOCAL_VARIABLE, None)
        if former is not None:
            os.environ[paths.LOCAL_VARIABLE] = former
    shutil.rmtree(folder)


def _prepared(folder: Path, process: localcloud_process.LocalCloud) -> Cloud:
    key = localcloud_process.key_file().read_text().strip()
    secrets.remember(key)
    cloud = Cloud(folder, process.aws_endpoint_url, process.daemon_address, process.honeycomb_api_endpoint)
    local = {
        "AWS_ENDPOINT_URL": cloud.aws_endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    environment.Environment("local", environment.local_variables(os.environ, local)).activate()
    clients.cache_clear()
    _create_rules(cloud.xray)
    _write_parameters(clients(REGION).ssm(), cloud, key)
    return cloud


def _create_rules(xray: XRayClient) -> None:
    xray.create_group(GroupName=NAME, FilterExpression=f'service("{NAME}")')
    for name, priority, rate, path in ((NAME, 2, 1.0, "*"), (f"{NAME}-unsampled", 1, 0.0, UNSAMPLED_PATH)):
        xray.create_sampling_rule(
            SamplingRule={
                "RuleName": name,
                "ResourceARN": "*",
                "Priority": priority,
                "FixedRate": rate,
                "ReservoirSize": 0,
                "ServiceName": "*",
                "ServiceType": "*",
                "Host": "*",
                "HTTPMethod": "*",
                "URLPath": path,
                "Version": 1,
            }
        )


def _write_parameters(ssm: SSMClient, cloud: Cloud, key: str) -> None:
    for name, value in (
        ("honeycomb/dataset", NAME),
        ("honeycomb/endpoint", cloud.honeycomb_api_endpoint),
        ("xray/group-name", NAME),
        ("xray/sampling-rule-name", NAME),
    ):
        ssm.put_parameter(Name=f"{PARAMETER_PATH}/{name}", Value=value, Type="String")
    ssm.put_parameter(Name=f"{PARAMETER_PATH}/honeycomb/api-key", Value=key, Type="SecureString")
