"""ECS: services that keep what they were given, and whose deployments go on, fail and roll back."""

from threading import RLock
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException, InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.elbv2.models import elbv2_backends

from localcloud.aws.ecs.refusals import check_execution_role, check_network
from localcloud.aws.ecs.services import active, end, refresh, track, update
from localcloud.aws.ecs.tasks import listed, service_tasks

_DEFAULT_CLUSTER = "default"
TASKS_MAX = 5_000
"""Of a service (source: "Amazon ECS endpoints and quotas"); each is an object here. The error is ours."""


def deploy_services() -> None:
    """Have services made, changed, shown and deleted with all their settings and their deployments.

    Task definitions and services that ECS refuses for want of a role or a network are refused.
    """
    _one_at_a_time()
    EC2ContainerServiceResponse.create_service = _create_service(EC2ContainerServiceResponse.create_service)
    EC2ContainerServiceResponse.update_service = _update_service
    _require_roles()
    _refresh_when_described()
    _end_when_deleted()
    _hide_what_is_deleted()


def _one_at_a_time() -> None:
    """Have no two calls at once: each brings the deployments to where they are by then."""
    lock, call_action = RLock(), EC2ContainerServiceResponse.call_action

    def call_alone(self: Any) -> Any:
        with lock:
            return call_action(self)

    EC2ContainerServiceResponse.call_action = call_alone


def _create_service(original: Any) -> Any:
    def create_service(self: Any) -> Any:
        parameters = self._get_params()
        _check(self.ecs_backend, parameters)
        result = original(self)
        track(result.result["service"], parameters)
        return result

    return create_service


def _check(backend: EC2ContainerServiceBackend, parameters: dict[str, Any]) -> None:
    cluster = backend._get_cluster(parameters.get("cluster", _DEFAULT_CLUSTER))  # noqa: SLF001 - moto has no other way
    if any(one.name == parameters["serviceName"] for one in active(backend, cluster.name)):
        raise InvalidParameterException("Creation of service was not idempotent.")
    controller = parameters.get("deploymentController") or {}
    if controller.get("type", "ECS") == "ECS" and not parameters.get("taskDefinition"):
        raise InvalidParameterException("TaskDefinition can not be blank.")
    _check_settings(backend, parameters)
    wanted = parameters.get("taskDefinition")
    if wanted:
        check_network(backend.describe_task_definition(wanted), parameters.get("networkConfiguration"))


def _check_settings(backend: EC2ContainerServiceBackend, parameters: dict[str, Any]) -> None:
    """Refuse what neither a new service nor a changed one may have: so many tasks, such target groups."""
    count = parameters.get("desiredCount") or 0
    if count < 0:
        raise InvalidParameterException("desiredCount cannot be a negative value.")
    if count > TASKS_MAX:
        raise InvalidParameterException(f"desiredCount cannot be more than {TASKS_MAX}.")
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    for balancer in parameters.get("loadBalancers") or []:
        arn = balancer.get("targetGroupArn")
        if arn and not (arn in groups and groups[arn].load_balancer_arns):
            raise InvalidParameterException(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )


def _update_service(self: Any) -> ActionResult:
    parameters = self._get_params()
    backend = self.ecs_backend
    service = _find(backend, parameters.get("cluster", _DEFAULT_CLUSTER), parameters["service"])
    _check_settings(backend, parameters)
    wanted = parameters.get("taskDefinition")
    arn = None
    if wanted is not None:
        definition = backend.describe_task_definition(wanted)
        if definition.status != "ACTIVE":
            raise ECSException("ClientException", "TaskDefinition is inactive")
        check_network(definition, parameters.get("networkConfiguration") or service.network_configuration)
        arn = definition.arn
    update(service, parameters, arn)
    return ActionResult({"service": service})


def _find(backend: EC2ContainerServiceBackend, cluster: str, name: str) -> Service:
    """Return a service by its name or ARN.

    Raises:
        ServiceNotFoundException: there is none.
        ECSException: it is deleted (ServiceNotActiveException).
    """
    (found, _) = backend.describe_services(cluster, [name])
    if not found:
        raise ServiceNotFoundException
    if found[0].status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    return found[0]


def _require_roles() -> None:
    register = EC2ContainerServiceResponse.register_task_definition

    def register_with_role(self: Any) -> ActionResult:
        check_execution_role(self._get_params())
        return register(self)

    EC2ContainerServiceResponse.register_task_definition = register_with_role


def _refresh_when_described() -> None:
    describe = EC2ContainerServiceBackend.describe_services
    list_tasks, describe_tasks = (
        EC2ContainerServiceBackend.list_tasks,
        EC2ContainerServiceBackend.describe_tasks,
    )

    def describe_services(self: Any, cluster_str: str, names: list[str]) -> Any:
        found, failures = describe(self, cluster_str, names)
        for service in found:
            if service.status == "ACTIVE":
                refresh(service)
        return found, failures

    def list_all_tasks(
        self: Any,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desired_status: str | None = None,
    ) -> Any:
        by_hand = []
        if not service_name:
            by_hand = list_tasks(
                self, cluster_str, container_instance, family, started_by, None, desired_status
            )
        if cluster_str is None or container_instance:
            return by_hand
        of_services = service_tasks(self, self._get_cluster(cluster_str).name)
        if family:
            of_family = f":task-definition/{family}:"
            of_services = (one for one in of_services if of_family in one.task_definition_arn)
        name = (service_name or "").rpartition("/")[2]
        return by_hand + listed(of_services, name=name, started_by=started_by, desired_status=desired_status)

    def describe_all_tasks(self: Any, cluster_str: str, tasks: list[str]) -> Any:
        found = describe_tasks(self, cluster_str, tasks)
        wanted = {task.rpartition("/")[2] for task in tasks}
        of_services = service_tasks(self, self._get_cluster(cluster_str).name)
        return found + [one for one in of_services if one.task_arn.rpartition("/")[2] in wanted]

    EC2ContainerServiceBackend.describe_services = describe_services
    EC2ContainerServiceBackend.list_tasks = list_all_tasks
    EC2ContainerServiceBackend.describe_tasks = describe_all_tasks


def _end_when_deleted() -> None:
    delete_service = EC2ContainerServiceBackend.delete_service
    delete_cluster = EC2ContainerServiceBackend.delete_cluster

    def delete_and_end(self: Any, cluster_name: str, service_name: str, force: bool) -> Any:
        (found, _) = self.describe_services(cluster_name, [service_name])
        if found and found[0].status != "ACTIVE":
            # An SDK that lost the first answer asks again; ECS drains the service by then, and says so again.
            return found[0]
        service = delete_service(self, cluster_name, service_name, force)
        end(service)
        return service

    def delete_empty(self: Any, cluster_str: str) -> Any:
        if active(self, self._get_cluster(cluster_str).name):
            message = "The Cluster cannot be deleted while Services are active."
            raise ECSException("ClusterContainsServicesException", message)
        return delete_cluster(self, cluster_str)

    EC2ContainerServiceBackend.delete_service = delete_and_end
    EC2ContainerServiceBackend.delete_cluster = delete_empty


def _hide_what_is_deleted() -> None:
    """Keep lists to what is there: moto lists services and clusters that were deleted."""
    list_services = EC2ContainerServiceBackend.list_services

    def list_active_services(self: Any, cluster_str: str, *args: Any, **kwargs: Any) -> Any:
        known = {service.arn for service in active(self, self._get_cluster(cluster_str).name)}
        return [arn for arn in list_services(self, cluster_str, *args, **kwargs) if arn in known]

    def list_active_clusters(self: Any) -> list[str]:
        return [cluster.arn for cluster in self.clusters.values() if cluster.status == "ACTIVE"]

    EC2ContainerServiceBackend.list_services = list_active_services
    EC2ContainerServiceBackend.list_clusters = list_active_clusters


def refuse_odd_revisions() -> None:
    """Refuse a task definition whose revision is no number: moto fails on it."""
    describe = EC2ContainerServiceBackend.describe_task_definition

    def describe_task_definition(self: Any, task_definition_str: str) -> Any:
        revision = task_definition_str.rpartition("/")[2].partition(":")[2]
        if revision and not (revision.isascii() and revision.isdecimal()):
            raise InvalidParameterException(f"Invalid revision number. Number: {revision[:200]}")
        return describe(self, task_definition_str)

    EC2ContainerServiceBackend.describe_task_definition = describe_task_definition


def update_cluster_settings() -> None:
    """Have UpdateClusterSettings: moto has only UpdateCluster."""

    def update_settings(self: Any) -> ActionResult:
        cluster = self.ecs_backend._get_cluster(self._get_param("cluster"))  # noqa: SLF001 - as above
        asked = {one.get("name"): one for one in self._get_param("settings")}
        if None in asked:
            raise InvalidParameterException("A setting has no name.")
        kept = [one for one in cluster.settings if one["name"] not in asked]
        cluster.settings = [*kept, *asked.values()]
        return ActionResult({"cluster": cluster})

    EC2ContainerServiceResponse.update_cluster_settings = update_settings
