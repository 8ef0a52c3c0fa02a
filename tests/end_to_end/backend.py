"""What a backend reads at its start, made for one test alone: parameters, group and rules of their own.

Nothing that Terraform applied is touched, so that the other tests find it as it was.
"""

from __future__ import annotations

import json
import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import requests

from tests.backend.process.backend_process import GUNICORN, BackendProcess, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_xray import XRayClient

    from tests.end_to_end.checkout import Checkout

_Value = TypeVar("_Value")

DEADLINE_SECONDS = 30
POLL_SECONDS = 0.05
KEY_PARAMETER = "honeycomb/api-key"
PARAMETERS = (
    KEY_PARAMETER,
    "honeycomb/dataset",
    "honeycomb/endpoint",
    "xray/group-name",
    "xray/sampling-rule-name",
)


@dataclass(frozen=True)
class Stage:
    """The resources of one backend. Group, rule and service share `name`; everything is sampled at first."""

    name: str
    addresses: Mapping[str, str]
    key: str = field(repr=False)

    @property
    def ssm(self) -> SSMClient:
        """A client of the local cloud's SSM."""
        client: SSMClient = _client("ssm", self.addresses["AWS_ENDPOINT_URL"])
        return client

    @property
    def xray(self) -> XRayClient:
        """A client of the local cloud's X-Ray."""
        client: XRayClient = _client("xray", self.addresses["AWS_ENDPOINT_URL"])
        return client

    @property
    def path(self) -> str:
        """Where its parameters are."""
        return f"/cruddur/{self.name}/backend-flask"

    @property
    def health_rule(self) -> str:
        """The name of the rule that leaves health checks out."""
        return f"{self.name}-health"

    @property
    def honeycomb(self) -> str:
        """The address of the local Honeycomb."""
        return self.addresses["HONEYCOMB_API_ENDPOINT"]

    def environment(self, **others: str) -> dict[str, str]:
        """Return a backend's environment: these resources, one worker, and *others* on top."""
        names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        return {
            **{name: self.addresses[name] for name in (*names, "AWS_XRAY_DAEMON_ADDRESS")},
            "TRACING_PARAMETER_PATH": self.path,
            "GUNICORN_WORKERS": "1",
            **others,
        }

    def put(self, name: str, value: str, **more: Any) -> None:
        """Write one of the parameters."""
        more.setdefault("Type", "SecureString" if name == KEY_PARAMETER else "String")
        self.ssm.put_parameter(Name=f"{self.path}/{name}", Value=value, Overwrite=True, **more)

    def remove(self, name: str) -> None:
        """Delete one of the parameters."""
        self.ssm.delete_parameter(Name=f"{self.path}/{name}")

    def add_rule(self, name: str, *, priority: int, rate: float, path: str = "*") -> None:
        """Make a rule for this service, without a reservoir."""
        self.xray.create_sampling_rule(
            SamplingRule={
                "RuleName": name,
                "ResourceARN": "*",
                "Priority": priority,
                "FixedRate": rate,
                "ReservoirSize": 0,
                "ServiceName": self.name,
                "ServiceType": "*",
                "Host": "*",
                "HTTPMethod": "*",
                "URLPath": path,
                "Version": 1,
            }
        )

    def set_rate(self, rate: float) -> None:
        """Change the rate of the service's rule."""
        self.xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": self.name, "FixedRate": rate})

    @contextmanager
    def serving(self, folder: Path, *options: str, **others: str) -> Iterator[BackendProcess]:
        """Run gunicorn with *options* on these resources; enter once it serves."""
        with started((*GUNICORN, *options), folder, self.environment(**others)) as backend:
            backend.wait_until_serving()
            yield backend

    def _make(self) -> None:
        self.xray.create_group(GroupName=self.name, FilterExpression=f'service("{self.name}")')
        self.add_rule(self.name, priority=9000, rate=1)
        self.add_rule(self.health_rule, priority=8999, rate=0, path="/health*")
        values = (self.key, self.name, self.honeycomb, self.name, self.name)
        for name, value in zip(PARAMETERS, values, strict=True):
            self.put(name, value)

    def _remove(self) -> None:
        found = self.ssm.get_parameters_by_path(Path=self.path, Recursive=True)["Parameters"]
        if found:
            self.ssm.delete_parameters(Names=[parameter["Name"] for parameter in found])
        for record in self.xray.get_sampling_rules()["SamplingRuleRecords"]:
            name = record["SamplingRule"]["RuleName"]
            if name.startswith(self.name):
                self.xray.delete_sampling_rule(RuleName=name)
        with suppress(self.xray.exceptions.InvalidRequestException):
            self.xray.delete_group(GroupName=self.name)


@cache
def _client(service: str, endpoint_url: str) -> Any:
    """Return the one client of a service: making one takes as long as all the calls of a test."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    return session.client(service, endpoint_url=endpoint_url)  # type: ignore[call-overload]


@contextmanager
def staged(cloud: Checkout) -> Iterator[Stage]:
    """Make a stage on the local cloud of a checkout, and leave nothing of it behind."""
    key = (cloud.root / ".local" / "honeycomb-key").read_text().strip()
    stage = Stage(f"e2e-{secrets.token_hex(4)}", cloud.addresses(), key)
    try:
        stage._make()
        yield stage
    finally:
        stage._remove()


def until(read: Callable[[], _Value], is_right: Callable[[_Value], bool]) -> _Value:
    """Return what *read* gives once it is right; fail with the last of it after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_right(value := read()):
        assert time.monotonic() < deadline, f"not so after {DEADLINE_SECONDS} s: {value!r:.4000}"
        time.sleep(POLL_SECONDS)
    return value


def tracing_of(backend: BackendProcess) -> dict[str, Any]:
    """Return /health/tracing."""
    document: dict[str, Any] = backend.get("/health/tracing").json()
    return document


def rule_of(backend: BackendProcess, name: str) -> dict[str, Any]:
    """Return what /health/tracing says of one rule; empty where it has none of this name."""
    return next((rule for rule in tracing_of(backend)["rules"] if rule["name"] == name), {})


def trace_id_of(response: requests.Response) -> str:
    """Return the trace's id, as X-Ray writes it, out of the response's header."""
    fields = dict(part.split("=", 1) for part in response.headers["X-Amzn-Trace-Id"].split(";"))
    return fields["Root"]


def refused_start(folder: Path, environment: Mapping[str, str]) -> str:
    """Run gunicorn where tracing is required and can't start; return the one line that says why.

    The master has to end by itself with 4, without a traceback.
    """
    required = {**environment, "TRACING_REQUIRED": "true"}
    with started(GUNICORN, folder, required) as backend:
        assert backend.exit_code() == 4, backend.output()
        assert "Traceback" not in backend.output()
        [line] = backend.plain_lines()
    assert line.startswith("tracing is required and can't start: "), line
    return line


def control(base_url: str, path: str) -> Any:
    """Return a document of the local cloud about itself."""
    response = requests.get(f"{base_url}/_localcloud/{path}", timeout=10)
    response.raise_for_status()
    return json.loads(response.content)
