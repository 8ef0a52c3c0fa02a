"""Routes for demonstrations and tests only (DEMO_ROUTES=true): an exception, and outgoing calls."""

from typing import TypedDict

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from errors import UpstreamFailed

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 3


class DemoFailure(RuntimeError):
    """What /demo/failure raises."""


class Upstream(TypedDict):
    """What the outgoing calls answered."""

    health: str
    account: str


def fail() -> None:
    """Raise, so that a fault with its stack trace can be seen in both sinks.

    Raises:
        DemoFailure: always.
    """
    try:
        _deepest()
    except ZeroDivisionError as error:
        raise DemoFailure("this route fails on purpose") from error


def call_upstream(own_url: str, region: str | None) -> Upstream:
    """Call this backend's own /health with requests, then STS with boto3.

    A backend of one worker and one thread can't answer itself: the call then ends by its timeout.

    Raises:
        UpstreamFailed: either call failed, with its reason.
    """
    timeouts = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    try:
        health = requests.get(f"{own_url}/health", timeout=timeouts)
        health.raise_for_status()
    except requests.RequestException as error:
        raise UpstreamFailed(f"the backend's own /health: {type(error).__name__}") from error
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1},
    )
    try:
        identity = boto3.Session(region_name=region).client("sts", config=config).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise UpstreamFailed(f"sts:GetCallerIdentity: {type(error).__name__}") from error
    return Upstream(health=str(health.json()["status"]), account=identity["Account"])


def _deepest() -> float:
    return 1 / 0
