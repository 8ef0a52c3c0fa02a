"""Services of ECS over boto3: what they keep, how deployments of them go on, fail and roll back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.conftest import Endpoint
from tests.localcloud.aws.ecs import BREAKER, REGISTRY, Stage
from tests.localcloud.aws.people import refusal_of

PUBLIC = "public.ecr.aws/docker/library/python:3.11"


@pytest.fixture
def stage(endpoint: Endpoint, name: str) -> Stage:
    """A cluster and a repository."""
    return Stage(endpoint, name).build()


def test_a_service_keeps_its_settings(stage: Stage) -> None:
    """What CreateService is given DescribeServices shows; UpdateService changes what it names, no more."""
    settings = {
        "enableECSManagedTags": True,
        "healthCheckGracePeriodSeconds": 60,
        "propagateTags": "SERVICE",
        "availabilityZoneRebalancing": "ENABLED",
        "enableExecuteCommand": True,
    }
    stage.create(stage.register(PUBLIC), **settings, tags=[{"key": "Team", "value": "tracing"}])
    service = stage.steady()
    assert {name: service[name] for name in settings} == settings
    configuration = {**BREAKER, "maximumPercent": 200, "minimumHealthyPercent": 100}
    assert service["deploymentConfiguration"] == configuration
    first = service["deployments"][0]["id"]
    stage.update(healthCheckGracePeriodSeconds=90, deploymentConfiguration={"maximumPercent": 150})
    changed = stage.service
    assert changed["healthCheckGracePeriodSeconds"] == 90
    assert changed["deploymentConfiguration"] == {**configuration, "maximumPercent": 150}
    assert {name: changed[name] for name in settings} == {**settings, "healthCheckGracePeriodSeconds": 90}
    assert [deployment["id"] for deployment in changed["deployments"]] == [first]


def test_a_deployment_goes_on_to_a_steady_state(stage: Stage) -> None:
    """IN_PROGRESS at first, COMPLETED with its tasks later; another task definition is another deployment."""
    first = stage.register(PUBLIC)
    made = stage.create(first)
    assert (made["runningCount"], made["deployments"][0]["rolloutState"]) == (0, "IN_PROGRESS")
    assert made["deployments"][0]["status"] == "PRIMARY"
    service = stage.steady()
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert stage.messages[0] == f"(service {stage.name}) has reached a steady state."
    second = stage.register(f"{PUBLIC}-slim")
    updated = stage.update(taskDefinition=second)
    assert [(one["status"], one["taskDefinition"]) for one in updated["deployments"]] == [
        ("PRIMARY", second),
        ("ACTIVE", first),
    ]
    assert updated["runningCount"] == 2
    stage.ecs.get_waiter("services_stable").wait(
        cluster=stage.name, services=[stage.name], WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    deployed = stage.steady()
    assert (deployed["taskDefinition"], deployed["runningCount"]) == (second, 2)
    forced = stage.update(forceNewDeployment=True)
    assert forced["deployments"][0]["id"] != deployed["deployments"][0]["id"]


def test_scaling_is_no_deployment(stage: Stage) -> None:
    """Another desired count has more tasks of the same deployment."""
    stage.create(stage.register(PUBLIC))
    before = stage.steady()["deployments"][0]["id"]
    stage.update(desiredCount=5)
    service = stage.wait(lambda one: one["runningCount"] == 5)
    assert [one["id"] for one in service["deployments"]] == [before]
    (cluster,) = stage.ecs.describe_clusters(clusters=[stage.name])["clusters"]
    assert (cluster["activeServicesCount"], cluster["runningTasksCount"]) == (1, 5)


@pytest.mark.parametrize("reference", [":missing", f"@sha256:{64 * '0'}", "", "-other:v1", "/X:v1", ":a b"])
def test_an_image_that_does_not_exist(stage: Stage, reference: str) -> None:
    """The deployment fails with CannotPullContainerError and the former image goes on, deployed anew."""
    stage.push("v1")
    good = stage.register(f"{stage.repository}:v1")
    stage.create(good)
    former = stage.steady()["deployments"][0]["id"]
    failed = stage.update(taskDefinition=stage.register(stage.repository + reference))["deployments"][0]["id"]
    service = stage.wait(lambda one: [d["id"] for d in one["deployments"]][-1] not in {former, failed})
    assert service["taskDefinition"] == good
    assert service["runningCount"] == 2
    messages = stage.messages
    assert sum("unable to pull (CannotPullContainerError: " in message for message in messages) == 3
    prefix = f"(service {stage.name})"
    assert f"{prefix} (deployment {failed}) deployment failed: tasks failed to start." in messages
    assert f"{prefix} rolling back to deployment {former}." in messages
    stopped = stage.ecs.list_tasks(cluster=stage.name, serviceName=stage.name, desiredStatus="STOPPED")
    tasks = stage.ecs.describe_tasks(cluster=stage.name, tasks=stopped["taskArns"])["tasks"]
    codes = [(task["stopCode"], task["startedBy"]) for task in tasks]
    assert codes.count(("TaskFailedToStart", failed)) == 3
    assert all(task["stoppedReason"] for task in tasks)


def test_the_first_deployment_has_nothing_to_go_back_to(stage: Stage) -> None:
    """It stays FAILED, with no tasks, until there is an image and a new deployment."""
    missing = stage.register(f"{stage.repository}:v1")
    stage.create(missing)
    service = stage.wait(lambda one: one["deployments"][0]["rolloutState"] == "FAILED")
    assert service["deployments"][0]["failedTasks"] == 3
    reason = "ECS deployment circuit breaker: tasks failed to start."
    assert service["deployments"][0]["rolloutStateReason"] == reason
    assert service["runningCount"] == 0
    digest = stage.push("v1")
    stage.update(taskDefinition=stage.register(f"{stage.repository}@{digest}"))
    assert stage.steady()["runningCount"] == 2


def test_a_secret_that_does_not_exist(stage: Stage) -> None:
    """Tasks whose parameter is gone aren't started, whether it is named by ARN or by name."""
    arn = f"arn:aws:ssm:us-east-1:123456789012:parameter/{stage.name}/key"
    secrets = [{"name": "A", "valueFrom": arn}, {"name": "B", "valueFrom": f"/{stage.name}/key"}]
    task_definition = stage.register(PUBLIC, secrets=secrets)
    stage.create(task_definition, deploymentConfiguration={})
    stage.wait(lambda one: one["deployments"][0]["failedTasks"] > 0)
    assert f"invalid parameters: /{stage.name}/key, /{stage.name}/key" in stage.messages[-1]
    ssm = stage.endpoint.client("ssm")
    ssm.put_parameter(Name=f"/{stage.name}/key", Value="none", Type="SecureString")
    assert stage.steady()["taskDefinition"] == task_definition


def test_a_log_group_that_does_not_exist(stage: Stage) -> None:
    """Tasks without a place to log to aren't started."""
    options = {"awslogs-group": f"/{stage.name}", "awslogs-region": "us-east-1"}
    logging = {"logDriver": "awslogs", "options": options}
    stage.create(stage.register(PUBLIC, logConfiguration=logging), deploymentConfiguration={})
    stage.wait(lambda one: one["deployments"][0]["failedTasks"] > 0)
    assert f"The specified log group does not exist: /{stage.name}" in stage.messages[-1]


def test_deleting(stage: Stage) -> None:
    """A service with tasks is deleted by force alone; then nothing is listed, and the name is free again."""
    task_definition = stage.register(PUBLIC)
    stage.create(task_definition)
    stage.steady()
    assert refusal_of(stage.create, task_definition=task_definition)[0] == "InvalidParameterException"
    where = {"cluster": stage.name, "service": stage.name}
    assert refusal_of(stage.ecs.delete_service, **where)[0] == "InvalidParameterException"
    code, _ = refusal_of(stage.ecs.delete_cluster, cluster=stage.name)
    assert code == "ClusterContainsServicesException"
    stage.ecs.deregister_task_definition(taskDefinition=task_definition)
    stage.ecs.delete_task_definitions(taskDefinitions=[task_definition])
    assert len(stage.ecs.list_tasks(cluster=stage.name, serviceName=stage.name)["taskArns"]) == 2
    stage.ecs.delete_service(**where, force=True)
    assert (stage.service["status"], stage.service["runningCount"]) == ("INACTIVE", 0)
    assert stage.ecs.list_services(cluster=stage.name)["serviceArns"] == []
    assert stage.ecs.list_tasks(cluster=stage.name)["taskArns"] == []
    assert refusal_of(stage.update, desiredCount=1)[0] == "ServiceNotActiveException"
    assert stage.ecs.delete_service(**where)["service"]["status"] == "INACTIVE"
    stage.create(stage.register(PUBLIC))
    stage.update(desiredCount=0)
    stage.ecs.delete_service(**where)
    stage.ecs.delete_cluster(cluster=stage.name)
    assert not [arn for arn in stage.ecs.list_clusters()["clusterArns"] if arn.endswith(f"/{stage.name}")]


def test_many_look_while_it_changes(stage: Stage) -> None:
    """Each call brings the deployments on: whoever looks meanwhile sees them whole, and nobody fails."""
    stage.create(stage.register(PUBLIC))
    stage.steady()
    done = threading.Event()

    def look() -> int:
        looked = 0
        while not done.is_set():
            (service,) = stage.ecs.describe_services(cluster=stage.name, services=[stage.name])["services"]
            states = [one["status"] for one in service["deployments"]]
            assert states[:1] == (["PRIMARY"] if service["status"] == "ACTIVE" else [])
            stage.ecs.list_tasks(cluster=stage.name, serviceName=stage.name)
            looked += 1
        return looked

    with ThreadPoolExecutor(max_workers=4) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        try:
            for count in range(1, 11):
                stage.update(desiredCount=count, forceNewDeployment=True)
            stage.ecs.delete_service(cluster=stage.name, service=stage.name, force=True)
        finally:
            done.set()
        assert all(one.result() for one in looking)


def test_what_is_wrong_is_refused(stage: Stage) -> None:
    """Services, task definitions and target groups that aren't there."""
    assert refusal_of(stage.update, desiredCount=1)[0] == "ServiceNotFoundException"
    task_definition = stage.register(PUBLIC)
    group = f"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{stage.name}/0123456789abcdef"
    balancer = {"targetGroupArn": group, "containerName": "backend", "containerPort": 4567}
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        stage.create(task_definition, loadBalancers=[balancer])
    stage.create(task_definition)
    stage.ecs.deregister_task_definition(taskDefinition=task_definition)
    assert refusal_of(stage.update, taskDefinition=task_definition)[1] == "TaskDefinition is inactive"
    assert refusal_of(stage.update, taskDefinition=f"{stage.name}:99")[0] == "ClientException"
    for odd in (f"{stage.name}:x", f"{stage.name}:1:2", f"{stage.name}:²"):
        assert refusal_of(stage.update, taskDefinition=odd)[0] == "InvalidParameterException"
    for count in (-1, 5001):
        assert refusal_of(stage.update, desiredCount=count)[0] == "InvalidParameterException"
    assert refusal_of(stage.update, loadBalancers=[balancer])[0] == "InvalidParameterException"
    nothing = {"cluster": stage.name, "serviceName": "other", "desiredCount": 1}
    assert refusal_of(stage.ecs.create_service, **nothing)[0] == "InvalidParameterException"


def test_another_load_balancer(stage: Stage) -> None:
    """It begins a deployment, whose tasks are told to be registered in the new target group."""
    first, second = _target_group(stage, "a"), _target_group(stage, "b")
    container = {"containerName": "backend", "containerPort": 4567}
    task_definition = stage.register(PUBLIC, portMappings=[{"containerPort": 4567}])
    stage.create(task_definition, loadBalancers=[{"targetGroupArn": first, **container}])
    before = stage.steady()["deployments"][0]["id"]
    stage.update(loadBalancers=[{"targetGroupArn": second, **container}])
    service = stage.steady()
    assert service["deployments"][0]["id"] != before
    assert [one["targetGroupArn"] for one in service["loadBalancers"]] == [second]
    registered = [message for message in stage.messages if " registered 2 targets in " in message]
    assert [message.partition("(target-group ")[2] for message in registered] == [f"{second})", f"{first})"]


def _target_group(stage: Stage, suffix: str) -> str:
    """Make a target group and a load balancer that forwards to it; return its ARN."""
    elb, ec2 = stage.endpoint.client("elbv2"), stage.endpoint.client("ec2")
    name = f"{stage.name}-{suffix}"
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]
    group = elb.create_target_group(
        Name=name, Protocol="HTTP", Port=4567, VpcId=balancer["VpcId"], TargetType="ip"
    )["TargetGroups"][0]
    arn: str = group["TargetGroupArn"]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    return arn


def test_an_image_of_another_region_that_does_not_exist(stage: Stage) -> None:
    """A registry in no region is as an image that isn't there: told in the events, no failure of the call."""
    image = f"{REGISTRY.replace('us-east-1', 'mars-north-1')}/{stage.name}:v1"
    stage.create(stage.register(image))
    stage.wait(lambda one: one["deployments"][0]["rolloutState"] == "FAILED")
    assert "CannotPullContainerError" in stage.messages[1]
