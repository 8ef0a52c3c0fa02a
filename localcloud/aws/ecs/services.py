"""Services of ECS: moto's, with everything that was asked for kept, and with their deployments' progress."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore import xform_name
from moto.ecs.models import EC2ContainerServiceBackend, Service

from localcloud.aws.ecs import health
from localcloud.aws.ecs.deployment import Breaker, Deployment, Problem, State
from localcloud.aws.ecs.rollout import Rollout
from localcloud.aws.ecs.start_problems import start_problem

_KEPT = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
)
"""What an update may change, beside the desired count and the task definition."""

_NO_DEPLOYMENT = {
    "availabilityZoneRebalancing",
    "deploymentConfiguration",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
}
"""Changes of these begin no deployment (source: UpdateService, ECS API reference)."""

_DEFAULTS = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
ROLLOUT = "rollout"

Clock = Callable[[], float]


def track(service: Service, parameters: Mapping[str, Any], clock: Clock = time.time) -> None:
    """Begin the first deployment of a service that moto has just made."""
    now = clock()
    if service.launch_type == "FARGATE":
        service.platform_version = service.platform_version or "LATEST"
        service.platform_family = "Linux"
    service.created_at = _time(now)
    service.enable_ecs_managed_tags = service.enable_execute_command = False
    _keep(service, parameters)
    service.definitions = {}
    _remember(service, service.task_definition)
    looks = partial(_problem, service)
    rollout = Rollout(service.name, looks, _target_groups(service), partial(_is_healthy, service))
    setattr(service, ROLLOUT, rollout)
    service.deployments = []
    if service.deployment_controller["type"] == "ECS":
        rollout.breaker = _breaker(service)
        rollout.begin(now, service.task_definition, service.desired_count, _settings(service))
    refresh(service, clock)


def update(
    service: Service, parameters: Mapping[str, Any], task_definition: str | None, clock: Clock = time.time
) -> None:
    """Change what the parameters name, keep all else, and begin a deployment where ECS would.

    `task_definition` is the ARN of the one asked for, None for that which is.
    """
    now = clock()
    rollout: Rollout = getattr(service, ROLLOUT)
    rollout.advance(now)
    # After a rollback the service has the former task definition.
    refresh(service, clock)
    before = {name: getattr(service, xform_name(name), None) for name in _KEPT}
    _keep(service, parameters)
    changed = {name for name in _KEPT if getattr(service, xform_name(name), None) != before[name]}
    wanted = task_definition or service.task_definition
    if wanted not in service.definitions:
        _remember(service, wanted)
    desired = parameters.get("desiredCount")
    service.desired_count = service.desired_count if desired is None else int(desired)
    rollout.breaker, rollout.target_groups = _breaker(service), _target_groups(service)
    if not rollout.deployments:
        service.task_definition = wanted
        return
    if wanted != service.task_definition or changed - _NO_DEPLOYMENT or parameters.get("forceNewDeployment"):
        rollout.begin(now, wanted, service.desired_count, _settings(service))
    else:
        rollout.scale(now, service.desired_count)
    refresh(service, clock)


def end(service: Service, clock: Clock = time.time) -> None:
    """Stop the tasks of a service that is deleted."""
    getattr(service, ROLLOUT).end(clock())
    refresh(service, clock)


def refresh(service: Service, clock: Clock = time.time) -> None:
    """Bring what DescribeServices shows to where the deployments are by now."""
    rollout: Rollout = getattr(service, ROLLOUT)
    rollout.advance(clock())
    service.deployments = [_document(one) for one in rollout.deployments]
    service.running_count = len(rollout.running)
    service.pending_count = sum(one.pending for one in rollout.deployments)
    service.events = [
        {"id": event.id, "createdAt": _time(event.at), "message": event.message} for event in rollout.events
    ]
    if rollout.deployments:
        service.task_definition = rollout.primary.task_definition
    _count(service._backend, service.cluster_name)  # noqa: SLF001 - moto has no other way


def active(backend: EC2ContainerServiceBackend, cluster_name: str) -> list[Service]:
    """Return a cluster's services that aren't deleted."""
    found = list(backend.services.values())
    return [one for one in found if one.cluster_name == cluster_name and one.status == "ACTIVE"]


def _count(backend: EC2ContainerServiceBackend, cluster_name: str) -> None:
    """Have a cluster tell the numbers of its services and their tasks."""
    cluster = backend.clusters[cluster_name]
    services = active(backend, cluster_name)
    cluster.active_services_count = len(services)
    cluster.running_tasks_count = sum(service.running_count for service in services)
    cluster.pending_tasks_count = sum(service.pending_count for service in services)


def _keep(service: Service, parameters: Mapping[str, Any]) -> None:
    for name in _KEPT:
        if parameters.get(name) is not None:
            setattr(service, xform_name(name), parameters[name])
    former = getattr(service, "whole_deployment_configuration", _DEFAULTS)
    service.deployment_configuration = {**former, **(parameters.get("deploymentConfiguration") or {})}
    service.whole_deployment_configuration = service.deployment_configuration


def _target_groups(service: Service) -> tuple[str, ...]:
    return tuple(one["targetGroupArn"] for one in service.load_balancers if "targetGroupArn" in one)


def _breaker(service: Service) -> Breaker:
    found = service.deployment_configuration["deploymentCircuitBreaker"]
    return Breaker(bool(found["enable"]), bool(found["rollback"]))


def _settings(service: Service) -> dict[str, Any]:
    names = ("launch_type", "platform_version", "platform_family", "network_configuration")
    return {name: getattr(service, name, None) for name in names}


def _remember(service: Service, task_definition: str | None) -> None:
    """Keep a task definition for the service: it outlives being deregistered and deleted, as on AWS."""
    if task_definition is not None:
        found = service._backend.describe_task_definition(task_definition)  # noqa: SLF001 - as above
        service.definitions[task_definition] = found


def _problem(service: Service, task_definition: str) -> Problem | None:
    found = service.definitions[task_definition]
    return start_problem(found, service._account_id, service.region_name)  # noqa: SLF001 - as above


def _is_healthy(service: Service, task_definition: str) -> bool:
    return health.is_healthy(service.definitions[task_definition].container_definitions)


def _document(deployment: Deployment) -> dict[str, Any]:
    return {
        "id": deployment.id,
        "status": str(deployment.status),
        "task_definition": deployment.task_definition,
        "desired_count": deployment.desired if deployment.state is not State.FAILED else 0,
        "running_count": deployment.running,
        "pending_count": deployment.pending,
        "failed_tasks": deployment.failed_tasks,
        "rollout_state": str(deployment.state),
        "rollout_state_reason": deployment.reason,
        "created_at": _time(deployment.created_at),
        "updated_at": _time(deployment.updated_at),
        **deployment.settings,
    }


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
