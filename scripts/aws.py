"""boto3 clients for the operator's commands: short timeouts, one attempt, an explicit region.

A command answers within seconds; who wants it tried again runs it again.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_xray import XRayClient

# What a call raises: the service refuses, it can't be asked, or what answers is not AWS.
FAILURES = (ClientError, BotoCoreError, ResponseParserError)
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 3
POOL_CONNECTIONS = 16


class Clients:
    """The clients of one session in one region; each is made when first asked for, and thread-safe."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._session = boto3.Session(region_name=region)
        self._config = Config(
            region_name=region,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1},
            max_pool_connections=POOL_CONNECTIONS,
            s3={"addressing_style": "path"},
        )

    def sts(self) -> STSClient:
        """Return the client of the Security Token Service, at the region's own endpoint."""
        return self._session.client("sts", config=self._config)

    def ssm(self) -> SSMClient:
        """Return the client of Systems Manager, which holds the parameters."""
        return self._session.client("ssm", config=self._config)

    def xray(self) -> XRayClient:
        """Return X-Ray's client."""
        return self._session.client("xray", config=self._config)

    def s3(self) -> S3Client:
        """Return S3's client; buckets are named in the path, as Terraform's backend does it."""
        return self._session.client("s3", config=self._config)


@cache
def clients(region: str) -> Clients:
    """Return the clients for *region*, the same for the whole command."""
    return Clients(region)
