"""What ECS would give the backend's container, for a process on this machine instead.

Variables are the task definition's, with its secrets read from SSM as ECS reads them. What a Fargate task
has from its platform (credentials, endpoints, a daemon beside it, a published port) is the local cloud's.
No collector runs here: where the task has one, the process sends to both places itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts import secrets
from scripts.deploy import calls
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.deploy.calls import Aws
    from scripts.deploy.service import Definition

LOOPBACK = "127.0.0.1"
_PLATFORM = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_XRAY_DAEMON_ADDRESS",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "NO_PROXY",
    "no_proxy",
)
_PARAMETER_ARN = ":parameter"
MODE, COLLECTOR, DIRECT = "TRACING_MODE", "collector", "direct"
_TO_COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"


def variables(aws: Aws, definition: Definition, local: Mapping[str, str], port: int) -> dict[str, str]:
    """Return the process's variables; *local* are the local environment's.

    Raises OperatorError where a secret can't be had: ECS would not start the task either.
    """
    platform = {name: local[name] for name in _PLATFORM if name in local}
    return {
        **_without_collector(definition),
        **resolved(aws, definition.secrets),
        **platform,
        "BIND": LOOPBACK,
        "PORT": str(port),
    }


def leaves_out_collector(definition: Definition) -> bool:
    """Tell whether the task's backend sends to a collector, which a process here does without."""
    return definition.environment.get(MODE) == COLLECTOR


def _without_collector(definition: Definition) -> dict[str, str]:
    if not leaves_out_collector(definition):
        return definition.environment
    kept = {name: value for name, value in definition.environment.items() if name != _TO_COLLECTOR}
    return {**kept, MODE: DIRECT}


def resolved(aws: Aws, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets by variable; *wanted* has each one's parameter, by ARN or name.

    Raises OperatorError.
    """
    found = {}
    for variable, place in wanted.items():
        name = parameter_name(place)
        answer = calls.called(
            lambda name=name: aws.ssm.get_parameters(Names=[name], WithDecryption=True),  # type: ignore[misc]
            local=True,
        )
        if not answer["Parameters"]:
            raise OperatorError(
                f"{variable} is to be read from the parameter {name}, which does not exist",
                remedy="apply the unit that makes it",
            )
        found[variable] = str(answer["Parameters"][0]["Value"])
        secrets.remember(found[variable])
    return found


def parameter_name(place: str) -> str:
    """Return the name of the SSM parameter that *place*, an ARN or a name, is."""
    if not place.startswith("arn:"):
        return place
    resource = place.split(":", 5)[5]
    if not resource.startswith(_PARAMETER_ARN[1:]):
        raise OperatorError(f"{place} is no SSM parameter", remedy="the local cloud's tasks read those alone")
    return resource.removeprefix(_PARAMETER_ARN[1:])
