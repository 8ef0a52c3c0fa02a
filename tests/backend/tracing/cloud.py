"""A server that answers the calls of startup as AWS does: SSM's JSON protocol, X-Ray's REST one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from services.tracing.settings import TracingSettings
from tests.backend.tracing.servers import Answer, HttpServer, Request, http_server
from xray.sampling import SamplingRule

PATH = "/cruddur/local/backend-flask"
NAME = "cruddur-local-backend-flask"
KEY = "hcaik_" + "k" * 58
SECRETS = {"honeycomb/api-key", "rollbar/access-token"}
RULES = [
    SamplingRule(NAME, 9000, 1.0, 5, service_name=NAME),
    SamplingRule("cruddur-local-health", 8999, 0.0, 0, service_name=NAME, url_path="/health*"),
    SamplingRule("Default", 10_000, 0.05, 1),
]


@dataclass
class Cloud:
    """What the server holds, and how it fails: `failures` maps a path or SSM's target to an answer.

    `decrypted` names each SecureString as often as it was decrypted.
    """

    server: HttpServer
    parameters: dict[str, str]
    rules: list[SamplingRule] = field(default_factory=lambda: list(RULES))
    failures: dict[str, Answer] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    decrypted: list[str] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        """Write a parameter's next version."""
        self.parameters[name] = value
        self.versions[name] = self.versions.get(name, 3) + 1

    def settings(self, **changes: Any) -> TracingSettings:
        """Return settings that lead here."""
        values: dict[str, Any] = {
            "parameter_path": PATH,
            "region": "us-east-1",
            "ssm_endpoint_url": self.server.url,
            "xray_endpoint_url": self.server.url,
        }
        return TracingSettings(**{**values, **changes})


def aws_error(code: str, message: str = "") -> Answer:
    """Return an error as AWS sends it."""
    return Answer.of({"__type": code, "message": message}, 400)


@contextmanager
def cloud(endpoint: str = "http://127.0.0.1:9") -> Iterator[Cloud]:
    """Run the server, everything in place; Honeycomb is said to be at `endpoint`."""

    def answer(request: Request) -> Answer:
        call = request.headers.get("x-amz-target", request.path)
        if call in running.failures:
            return running.failures[call]
        if call == "AmazonSSM.GetParametersByPath":
            return Answer.of({"Parameters": _parameters(running, request.json())})
        if call == "AmazonSSM.GetParameters":
            asked = request.json()
            names = [name.removeprefix(f"{PATH}/") for name in asked["Names"]]
            return Answer.of({"Parameters": [_parameter(running, name, asked) for name in names]})
        if call == "/GetSamplingRules":
            return Answer.of(
                {"SamplingRuleRecords": [{"SamplingRule": rule.to_api()} for rule in running.rules]}
            )
        if call == "/GetGroup":
            name = request.json()["GroupName"]
            expression = f'service("{name}")'
            return Answer.of(
                {"Group": {"GroupName": name, "GroupARN": f"arn:g/{name}", "FilterExpression": expression}}
            )
        if call == "/SamplingTargets":
            return Answer.of({"SamplingTargetDocuments": []})
        return Answer(200)

    with http_server(answer) as server:
        running = Cloud(
            server,
            {
                "honeycomb/api-key": KEY,
                "honeycomb/dataset": NAME,
                "honeycomb/endpoint": endpoint,
                "xray/group-name": NAME,
                "xray/sampling-rule-name": NAME,
            },
        )
        yield running


def _parameters(running: Cloud, asked: dict[str, Any]) -> list[dict[str, Any]]:
    assert (asked["Path"], asked["Recursive"]) == (PATH, True)
    return [_parameter(running, name, asked) for name in running.parameters]


def _parameter(running: Cloud, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    is_secret = name in SECRETS
    running.decrypted += [name] if is_secret and asked["WithDecryption"] else []
    value = running.parameters[name] if asked["WithDecryption"] or not is_secret else "AQICAHcipher"
    return {
        "Name": f"{PATH}/{name}",
        "Type": "SecureString" if is_secret else "String",
        "Value": value,
        "Version": running.versions.get(name, 3),
        "LastModifiedDate": 1_795_000_000.0,
    }
