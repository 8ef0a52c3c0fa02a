"""boto3 clients for the operator's commands: bounded waits, one attempt, an explicit region.

A command answers within seconds; who wants it tried again runs it again.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_xray import XRayClient

# What a call raises: the service refuses, it can't be asked, or what answers is not AWS.
FAILURES = (ClientError, BotoCoreError, ResponseParserError)
CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 10
POOL_CONNECTIONS = 16
_JSON = ("json", "rest-json")
_REDIRECTS = 300


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
        self._made: dict[str, Any] = {}
        self._making = Lock()

    def sts(self) -> STSClient:
        """Return the client of the Security Token Service, at the region's own endpoint."""
        client: STSClient = self._client("sts")
        return client

    def ssm(self) -> SSMClient:
        """Return the client of Systems Manager, which holds the parameters."""
        client: SSMClient = self._client("ssm")
        return client

    def xray(self) -> XRayClient:
        """Return X-Ray's client."""
        client: XRayClient = self._client("xray")
        return client

    def logs(self) -> CloudWatchLogsClient:
        """Return the client of CloudWatch Logs."""
        client: CloudWatchLogsClient = self._client("logs")
        return client

    def iam(self) -> IAMClient:
        """Return the client of IAM, which is one for all regions."""
        client: IAMClient = self._client("iam")
        return client

    def s3(self) -> S3Client:
        """Return S3's client; buckets are named in the path, as Terraform's backend does it."""
        client: S3Client = self._client("s3")
        return client

    def _client(self, service: str) -> Any:
        with self._making:
            if service not in self._made:
                make: Any = self._session.client
                made = make(service, config=self._config)
                made.meta.events.register("after-call", _refuse_page)
                self._made[service] = made
            return self._made[service]

    def make_ready(self, *services: str) -> None:
        """Make the clients of *services* now. Raises what making them raises."""
        for service in services:
            self._client(service)


def _refuse_page(http_response: Any, model: Any, **_: object) -> None:
    """Raise ResponseParserError for a page where JSON is due: botocore takes it for one without members.

    What a proxy shows must not be read as an empty list.
    """
    is_json = model.service_model.protocol in _JSON and not model.has_streaming_output
    if is_json and http_response.status_code < _REDIRECTS and http_response.content.lstrip().startswith(b"<"):
        raise ResponseParserError(f"the answer to {model.name} is a page, and no JSON")


@cache
def clients(region: str) -> Clients:
    """Return the clients for *region*, the same for the whole command."""
    return Clients(region)


def make_ready(variables: Mapping[str, str], *services: str) -> None:
    """Make the clients that will be needed, while something else is waited for.

    Only where the variables name a region and hold credentials: others may take seconds to look for. What
    fails here fails again, and is told, where the client is asked for.
    """
    region = variables.get("AWS_REGION")
    if region and variables.get("AWS_ACCESS_KEY_ID"):
        with suppress(BotoCoreError, ValueError):
            clients(region).make_ready(*services)
