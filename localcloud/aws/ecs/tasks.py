"""Tasks of services, as ListTasks and DescribeTasks show them beside those that were run by hand."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend, Service

from localcloud.aws.ecs.deployment import Task
from localcloud.aws.ecs.services import ROLLOUT, refresh

RUNNING, STOPPED = "RUNNING", "STOPPED"


class ServiceTask:
    """One task of a service, with moto's names of what is told of it."""

    def __init__(self, task: Task, service: Service) -> None:
        self.name = service.name
        self.task_arn = f"{service.cluster_arn.replace(':cluster/', ':task/')}/{task.id}"
        self.cluster_arn = service.cluster_arn
        self.task_definition_arn = task.task_definition
        self.group = f"service:{service.name}"
        self.started_by = task.deployment_id
        self.launch_type = service.launch_type
        self.platform_version = service.platform_version
        self.container_instance_arn = None
        self.tags = service.tags if service.propagate_tags == "SERVICE" else []
        self.last_status = self.desired_status = RUNNING if task.stopped_at is None else STOPPED
        self.health_status = "HEALTHY" if task.stopped_at is None else "UNKNOWN"
        self.created_at = self.started_at = _time(task.started_at)
        if task.stopped_at is not None:
            self.stopped_at, self.stop_code = _time(task.stopped_at), task.stop_code
            self.stopped_reason = task.stopped_reason
        definition = service.definitions[task.task_definition]
        self.cpu, self.memory = definition.cpu, definition.memory
        self.containers = [
            {
                "name": container["name"],
                "image": container["image"],
                "containerArn": f"{self.task_arn}/{container['name']}",
                "taskArn": self.task_arn,
                "lastStatus": self.last_status,
                "healthStatus": self.health_status,
            }
            for container in definition.container_definitions
        ]


def service_tasks(backend: EC2ContainerServiceBackend, cluster_name: str) -> Iterator[ServiceTask]:
    """Yield the tasks of a cluster's services, those that run first."""
    for service in list(backend.services.values()):
        if service.cluster_name == cluster_name:
            if service.status == "ACTIVE":
                refresh(service)
            rollout = getattr(service, ROLLOUT)
            for task in [*rollout.running, *rollout.stopped]:
                yield ServiceTask(task, service)


def listed(tasks: Iterable[ServiceTask], **filters: str | None) -> list[ServiceTask]:
    """Return the tasks that ListTasks shows: those that run, unless it is asked for the stopped ones.

    `filters` are attributes of a task; None and an empty text filter nothing.
    """
    wanted: dict[str, Any] = {name: value for name, value in filters.items() if value}
    wanted.setdefault("desired_status", RUNNING)
    return [task for task in tasks if all(getattr(task, name) == value for name, value in wanted.items())]


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
