"""What ECS refuses at the call and moto takes: task definitions without a role, services without a network.

Sources of the messages, as people were told them: hashicorp/terraform-provider-aws issues 3051 (images) and
6503 (secrets), virtual-kubelet/virtual-kubelet issue 193 (log driver),
aws-actions/amazon-ecs-deploy-task-definition issue 802 (network).
"""

from collections.abc import Mapping
from typing import Any

from moto.ecs.exceptions import EcsClientException, InvalidParameterException

from localcloud.aws.ecs.start_problems import is_in_ecr

_FARGATE = "Fargate requires task definition to have execution role ARN to support"


def check_execution_role(parameters: Mapping[str, Any]) -> None:
    """Refuse RegisterTaskDefinition's parameters where they need an execution role and name none.

    Secrets need one everywhere; images of ECR and the awslogs driver on Fargate alone: elsewhere the role of
    the container's instance does.

    Raises:
        EcsClientException: it is missing.
    """
    if parameters.get("executionRoleArn"):
        return
    containers = parameters.get("containerDefinitions") or []
    if any(container.get("secrets") for container in containers):
        raise EcsClientException(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        )
    if "FARGATE" not in (parameters.get("requiresCompatibilities") or []):
        return
    if any(is_in_ecr(container.get("image") or "") for container in containers):
        raise EcsClientException(f"{_FARGATE} ECR images.")
    if any(
        (container.get("logConfiguration") or {}).get("logDriver") == "awslogs" for container in containers
    ):
        raise EcsClientException(f"{_FARGATE} log driver awslogs.")


def check_network(task_definition: Any, configuration: Mapping[str, Any] | None) -> None:
    """Refuse a service whose tasks, by moto's task definition, get network interfaces and no subnets.

    Raises:
        InvalidParameterException: the network configuration is missing.
    """
    if task_definition.network_mode == "awsvpc" and not (configuration or {}).get("awsvpcConfiguration"):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
