"""What a deployment asks of ECR, SSM and ECS, on the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.deploy import container, parameter, registry, removal, service
from scripts.deploy.reference import parse
from scripts.errors import OperatorError

if TYPE_CHECKING:
    from scripts.deploy.calls import Aws
    from scripts.deploy.names import Names

TAG = "0123456789abcdef"
SECRET = "a-key" + "-of-some-service"


def test_an_image_of_the_checkout_is_put_once(aws: Aws, names: Names) -> None:
    """It is there under its tag then; put again, it stays, also in a registry of immutable tags."""
    assert registry.repository(aws, names, local=True) is None
    aws.ecr.create_repository(repositoryName=names.repository, imageTagMutability="IMMUTABLE")
    there = registry.repository(aws, names, local=True)
    assert there is not None
    image = parse(f"{there}:{TAG}")
    assert not registry.has(image, local=True)
    registry.put_manifest(aws, names, TAG)
    registry.put_manifest(aws, names, TAG)
    assert registry.has(image, local=True)
    assert registry.require(names, image, local=True)
    assert registry.manifest(TAG) == registry.manifest(TAG) != registry.manifest("other")


def test_images_that_tasks_could_not_pull_are_refused(aws: Aws, names: Names) -> None:
    """One that isn't there, and one of another repository of ECR; other registries can't be asked."""
    ours = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{names.repository}"
    with pytest.raises(OperatorError, match=f"there is no image {ours}:1"):
        registry.require(names, parse(f"{ours}:1"), local=True)
    with pytest.raises(OperatorError, match="another repository of ECR"):
        registry.require(names, parse(f"{ours}-other:1"), local=True)
    assert not registry.require(names, parse("ghcr.io/team/backend:1"), local=True)


def test_the_parameter_keeps_its_history(aws: Aws, names: Names) -> None:
    """Oldest first; where there is none, nothing is made by a deployment."""
    assert parameter.read(aws, names, local=True) is None
    assert parameter.history(aws, names, local=True) == []
    with pytest.raises(OperatorError, match="does not exist: apply unit registry"):
        parameter.write(aws, names, "a", local=True)
    aws.ssm.put_parameter(Name=names.parameter, Value="none", Type="String")
    for value in ("a", "b"):
        parameter.write(aws, names, value, local=True)
    assert parameter.read(aws, names, local=True) == "b"
    assert parameter.history(aws, names, local=True) == ["none", "a", "b"]


def _register(aws: Aws, names: Names, image: str, **more: object) -> str:
    """Register a task definition, with the role that its secrets would need, and return its ARN."""
    one = {"name": "backend", "image": image, "memory": 128, **more}
    role = f"arn:aws:iam::123456789012:role/{names.family}"
    made = aws.ecs.register_task_definition(
        family=names.family, executionRoleArn=role, containerDefinitions=[one]
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def test_the_newest_definition_is_the_one_that_serves(aws: Aws, names: Names) -> None:
    """Its variables, secrets and workers are told; destroyed, none is left."""
    assert service.newest(aws, names, local=True) is None
    _register(aws, names, "image:1")
    arn = _register(
        *(aws, names, "image:2"),
        environment=[{"name": "GUNICORN_WORKERS", "value": "3"}],
        secrets=[{"name": "KEY", "valueFrom": "/some/key"}],
    )
    found = service.newest(aws, names, local=True)
    assert found is not None
    assert (found.arn, found.image, found.workers) == (arn, "image:2", 3)
    assert (found.secrets, found.command) == ({"KEY": "/some/key"}, ())
    aws.ecs.deregister_task_definition(taskDefinition=f"{names.family}:1")
    retired = service.definition(aws, f"{names.family}:1", local=True, retired=True)
    assert retired is not None
    assert retired.image == "image:1"
    assert service.definition(aws, f"{names.family}:1", local=True) is None
    assert removal.remove_definitions(aws, names, local=True) == 2
    assert service.newest(aws, names, local=True) is None
    assert removal.remove_definitions(aws, names, local=True) == 0


def test_a_definition_without_the_backend_is_told(aws: Aws, names: Names) -> None:
    """Somebody else's of that name is nothing to wait for."""
    _register(aws, names, "image:1", name="other")
    with pytest.raises(OperatorError, match="has no container backend"):
        service.newest(aws, names, local=True)


def test_a_service_that_is_not_there_is_none(aws: Aws, names: Names) -> None:
    """Neither without its cluster nor in an empty one."""
    assert service.look(aws, names) is None
    aws.ecs.create_cluster(clusterName=names.cluster)
    assert service.look(aws, names) is None


def test_secrets_are_read_as_ecs_reads_them(aws: Aws, names: Names) -> None:
    """By name or ARN, decrypted; one that isn't there stops the start as it would stop a task."""
    name = f"/d/{names.family}/key"
    aws.ssm.put_parameter(Name=name, Value=SECRET, Type="SecureString")
    arn = f"arn:aws:ssm:us-east-1:123456789012:parameter{name}"
    assert container.resolved(aws, {"A": name, "B": arn}) == {"A": SECRET, "B": SECRET}
    with pytest.raises(OperatorError, match="C is to be read from the parameter /d/none"):
        container.resolved(aws, {"C": "/d/none"})
    with pytest.raises(OperatorError, match="no SSM parameter"):
        container.resolved(aws, {"D": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"})


def test_a_process_here_gets_the_local_clouds_platform(aws: Aws, names: Names) -> None:
    """Endpoints, credentials and daemon are those of this machine, and it listens on loopback alone."""
    _register(
        *(aws, names, "image:1"),
        environment=[
            {"name": "AWS_XRAY_DAEMON_ADDRESS", "value": "127.0.0.1:2000"},
            {"name": "BIND", "value": "0.0.0.0"},  # noqa: S104 - as the task definition has it
            {"name": "TRACING_REQUIRED", "value": "true"},
        ],
    )
    found = service.newest(aws, names, local=True)
    assert found is not None
    local = {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HOME": "/x"}
    given = container.variables(aws, found, local, 4999)
    assert given == {
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "BIND": "127.0.0.1",
        "PORT": "4999",
        "TRACING_REQUIRED": "true",
    }


def test_without_a_collector_a_process_here_is_direct(aws: Aws, names: Names) -> None:
    """It sends to both places itself; what is the collector's alone is left out."""
    settings = {
        "TRACING_MODE": "collector",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "A": "b",
    }
    variables = [{"name": name, "value": value} for name, value in settings.items()]
    _register(aws, names, "image:1", environment=variables)
    found = service.newest(aws, names, local=True)
    assert found is not None
    assert container.leaves_out_collector(found)
    given = container.variables(aws, found, {}, 4999)
    assert given == {"TRACING_MODE": "direct", "A": "b", "BIND": "127.0.0.1", "PORT": "4999"}
