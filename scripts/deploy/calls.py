"""Calls to ECS, ECR and load balancing: like all of a command's, but patient enough for a deployment's time.

A rollout takes minutes, and a connection that is lost for some seconds of them is no reason to give up.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from scripts.errors import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 10
ATTEMPTS = 2
LOST_SECONDS = 60.0
"""How long a connection may be lost in a row before the command gives up."""
PAUSE_SECONDS = 3.0
FAILURES = (ClientError, BotoCoreError, ResponseParserError)
_SERVER_ERRORS = 500
_SLOW_DOWN = {
    "LimitExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
    "TooManyUpdates",
}
_CREDENTIALS = {"NoCredentialsError", "TokenRetrievalError", "SSOTokenLoadError", "UnauthorizedSSOTokenError"}
Answer = TypeVar("Answer")
_patience: ContextVar[Callable[[str], None] | None] = ContextVar("_patience", default=None)


class Aws:
    """Clients of one region; they have no types here, so that only the types in use are installed."""

    def __init__(self, region: str) -> None:
        session: Any = boto3.Session(region_name=region)
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        self.region = region
        self.ecs: Any = session.client("ecs", config=config)
        self.ecr: Any = session.client("ecr", config=config)
        self.ssm: Any = session.client("ssm", config=config)
        self.load_balancing: Any = session.client("elbv2", config=config)


@cache
def aws(region: str) -> Aws:
    """Return the clients of *region*, the same for the whole command."""
    return Aws(region)


def code(error: ClientError) -> str:
    """Return AWS's code for an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def patiently(
    call: Callable[[], Answer],
    *,
    local: bool,
    say: Callable[[str], None],
    lost_seconds: float = LOST_SECONDS,
    pause_seconds: float = PAUSE_SECONDS,
) -> Answer:
    """Return what *call* answers; a lost connection, a fault of AWS's or a throttled call is tried again.

    Raises OperatorError for any other failure, and where it has lasted for *lost_seconds*.
    """
    deadline = time.monotonic() + lost_seconds
    is_told = False
    while True:
        try:
            return call()
        except FAILURES as error:
            problem = explain(error, local=local)
            if not _passes(error) or time.monotonic() > deadline:
                raise problem from error
            if not is_told:
                say(f"{problem.message}; tried again for {lost_seconds:.0f} s")
                is_told = True
        time.sleep(pause_seconds)


@contextmanager
def patience(say: Callable[[str], None]) -> Iterator[None]:
    """Have each of ``called``'s calls tried again, as ``patiently`` does, while the block runs.

    For what follows a deployment's first change: given up there, it would stay half done.
    """
    token = _patience.set(say)
    try:
        yield
    finally:
        _patience.reset(token)


def called(call: Callable[[], Answer], *, local: bool) -> Answer:
    """Return what *call* answers. Raises OperatorError where it fails."""
    say = _patience.get()
    if say is not None:
        return patiently(call, local=local, say=say)
    try:
        return call()
    except FAILURES as error:
        raise explain(error, local=local) from error


def _passes(error: Exception) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_ERRORS or code(error) in _SLOW_DOWN
    names = {base.__name__ for base in type(error).__mro__}
    return isinstance(error, BotoCoreError) and not names & _CREDENTIALS
