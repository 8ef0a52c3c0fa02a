"""The service in ECS: how it stands, its newest task definition, and why its tasks stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from scripts.deploy import calls
from scripts.deploy.names import BACKEND
from scripts.deploy.rollout import Deployment, Event, Service
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names

TASKS_MAX = 100
NO_FAILURE = "Scaling activity initiated by"
"""How ECS begins its word for a task that it stopped itself, as too many or as another's."""
NEVER = datetime.max.replace(tzinfo=UTC)
_GONE = {"ClusterNotFoundException", "ServiceNotFoundException"}
_NO_DEFINITION = {"ClientException", "InvalidParameterException"}
_DEFAULT_WORKERS = 2
"""The backend's own, where GUNICORN_WORKERS is not set."""


@dataclass(frozen=True)
class Definition:
    """A task definition: its ARN, and the container that serves, as ECS tells of it."""

    arn: str
    container: Mapping[str, Any]

    @property
    def image(self) -> str:
        """The image that serves."""
        return str(self.container["image"])

    @property
    def environment(self) -> dict[str, str]:
        """The container's variables, secrets left out."""
        return {str(one["name"]): str(one["value"]) for one in self.container.get("environment", [])}

    @property
    def secrets(self) -> dict[str, str]:
        """Which of its variables are secrets, with the ARN or name that each is read from."""
        return {str(one["name"]): str(one["valueFrom"]) for one in self.container.get("secrets", [])}

    @property
    def command(self) -> tuple[str, ...]:
        """What is started in place of the image's own command; empty where nothing is said of it."""
        return tuple(map(str, self.container.get("command") or ()))

    @property
    def workers(self) -> int:
        """How many workers a task has."""
        return int(self.environment.get("GUNICORN_WORKERS", _DEFAULT_WORKERS))


def look(aws: Aws, names: Names) -> Service | None:
    """Return the service as it is, None where there is none. Raises one of ``calls.FAILURES``."""
    try:
        found = aws.ecs.describe_services(cluster=names.cluster, services=[names.service])["services"]
    except ClientError as error:
        if calls.code(error) in _GONE:
            return None
        raise
    if not found or found[0]["status"] == "INACTIVE":
        return None
    [one] = found
    return Service(
        status=str(one["status"]),
        desired=int(one["desiredCount"]),
        running=int(one["runningCount"]),
        deployments=tuple(
            Deployment(
                str(each["taskDefinition"]),
                str(each["status"]),
                str(each.get("rolloutState") or ""),
                str(each.get("rolloutStateReason") or ""),
            )
            for each in one.get("deployments", [])
        ),
        events=tuple(
            Event(str(event["id"]), event["createdAt"], str(event["message"]))
            for event in one.get("events", [])
        ),
    )


def newest(aws: Aws, names: Names, *, local: bool) -> Definition | None:
    """Return the newest task definition of the service's family, None where there is none."""
    return definition(aws, names.family, local=local)


def definition(aws: Aws, name: str, *, local: bool, retired: bool = False) -> Definition | None:
    """Return a task definition by its ARN, or the newest of a family; None where there is none.

    One that was deregistered counts only where *retired* asks for it: its tasks go on all the same.
    Raises OperatorError where it can't be read, or has no container of the backend's name.
    """

    def call() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = aws.ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
        except ClientError as error:
            if calls.code(error) in _NO_DEFINITION:
                return None
            raise
        return found

    found = calls.called(call, local=local)
    if found is None or (found.get("status") == "INACTIVE" and not retired):
        return None
    for container in found["containerDefinitions"]:
        if container["name"] == BACKEND:
            return Definition(str(found["taskDefinitionArn"]), container)
    raise OperatorError(
        f"{found['taskDefinitionArn']} has no container {BACKEND}",
        remedy="apply unit service, which makes it",
    )


def stopped(aws: Aws, names: Names, wanted: str) -> list[str]:
    """Return why tasks of task definition *wanted* failed, as ECS says it, each reason once, oldest first.

    ECS tells of stopped tasks for an hour, in no order. Raises one of ``calls.FAILURES``.
    """
    listed = aws.ecs.list_tasks(
        cluster=names.cluster, serviceName=names.service, desiredStatus="STOPPED", maxResults=TASKS_MAX
    )["taskArns"]
    if not listed:
        return []
    tasks = aws.ecs.describe_tasks(cluster=names.cluster, tasks=listed)["tasks"]
    failed = [
        task
        for task in tasks
        if task["taskDefinitionArn"] == wanted
        and not str(task.get("stoppedReason") or "").startswith(NO_FAILURE)
    ]
    failed.sort(key=lambda task: task.get("stoppedAt") or NEVER)
    return list(dict.fromkeys(why for task in failed if (why := _why(task))))


def _why(task: Mapping[str, Any]) -> str:
    said = [str(task.get("stoppedReason") or "")]
    for container in task.get("containers", []):
        code, reason = container.get("exitCode"), str(container.get("reason") or "")
        if reason or code:
            ended = f"ended with {code}" if code is not None else "did not start"
            said.append(f"{container['name']} {ended}{f': {reason}' if reason else ''}")
    return "; ".join(text for text in said if text)


def address(aws: Aws, names: Names, *, local: bool) -> str:
    """Return the URL of the service: its domain's, else the load balancer's own, else empty."""
    if names.domain:
        return f"https://{names.domain}"

    def call() -> str:
        try:
            found = aws.load_balancing.describe_load_balancers(Names=[names.load_balancer])["LoadBalancers"]
        except ClientError as error:
            if calls.code(error) == "LoadBalancerNotFound":
                return ""
            raise
        return f"https://{found[0]['DNSName']}" if found else ""

    return calls.called(call, local=local)
