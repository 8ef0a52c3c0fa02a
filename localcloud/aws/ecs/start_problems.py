"""Why a task can't be started: what its definition names that the local cloud hasn't got.

Source of the messages: "Amazon ECS stopped task error messages", ECS developer guide, and of the roles' boto3
issue 1878. Registries other than ECR and secrets that aren't in Parameter Store are taken to be there: the
local cloud can't know.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.ssm.models import ssm_backends

from localcloud.aws.accounts import partition_of
from localcloud.aws.ecs.deployment import Problem

_ECR_HOST = re.compile(r"[0-9]{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/")
_ECR = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[a-z0-9][a-z0-9._/-]*)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_PARAMETER = re.compile(
    r"arn:[^:]+:ssm:(?P<region>[^:]+):(?P<account>[0-9]{12}):parameter(?P<name>/.+)|(?P<plain>[^:]+)"
)


@dataclass(frozen=True, slots=True)
class EcrImage:
    """An image in ECR, by its digest where the reference has one, else by its tag."""

    account_id: str
    region: str
    repository: str
    tag: str
    digest: str | None

    @classmethod
    def parse(cls, reference: str) -> "EcrImage | None":
        """Read an image's reference; None for one of another registry, or one that is malformed."""
        found = _ECR.fullmatch(reference)
        if found is None:
            return None
        return cls(
            found["account"], found["region"], found["repository"], found["tag"] or "latest", found["digest"]
        )


def is_in_ecr(reference: str) -> bool:
    """Tell whether an image's reference, well-formed or not, names a registry of ECR."""
    return _ECR_HOST.match(reference) is not None


def start_problem(task_definition: Any, account_id: str, region: str) -> Problem | None:
    """Return why ECS would not start, or stop, a task of moto's task definition; None where it runs."""
    problem = _role_problem(task_definition, account_id, region)
    if problem is not None:
        return problem
    problems = (
        problem
        for look in (_secret_problem, _image_problem, _log_problem)
        for container in task_definition.container_definitions
        if (problem := look(container, account_id, region)) is not None
    )
    return next(problems, None)


def _role_problem(task_definition: Any, account_id: str, region: str) -> Problem | None:
    iam = _backend(iam_backends, account_id, partition_of(region))
    roles = list(iam.roles.values()) if iam else []
    known = {name for role in roles for name in (role.arn, role.name)}
    named = (getattr(task_definition, one, None) for one in ("execution_role_arn", "task_role_arn"))
    missing = next((name for name in named if name and name not in known), None)
    if missing is None:
        return None
    return Problem(
        "",
        f"ECS was unable to assume the role '{missing}' that was provided for this task. Please verify that"
        " the role being passed has the proper trust relationship and permissions and that your IAM user has"
        " permissions to pass this role.",
    )


def _image_problem(container: Mapping[str, Any], account_id: str, region: str) -> Problem | None:  # noqa: ARG001
    reference = container["image"]
    image = EcrImage.parse(reference)
    if image is None and is_in_ecr(reference):
        return Problem("unable to pull", "CannotPullContainerError: invalid reference format")
    if image is None:
        return None
    registry = _backend(ecr_backends, image.account_id, image.region)
    repository = registry and registry.repositories.get(image.repository)
    wanted = image.digest or image.tag
    if repository is not None and any(wanted in names for names in _names_of_images(repository)):
        return None
    separator = "@" if image.digest else ":"
    place = f"{reference.partition('/')[0]}/{image.repository}{separator}{wanted}"
    return Problem(
        "unable to pull",
        "CannotPullContainerError: pull image manifest has been retried 1 time(s):"
        f" failed to resolve ref {place}: {place}: not found",
    )


def _names_of_images(repository: Any) -> Iterator[set[str]]:
    for image in list(repository.images):
        yield {*image.image_tags, image.get_image_digest()}


def _secret_problem(container: Mapping[str, Any], account_id: str, region: str) -> Problem | None:
    missing = []
    for secret in container.get("secrets", []):
        found = _PARAMETER.fullmatch(secret["valueFrom"])
        if found is None:
            continue
        name = found["name"] or found["plain"]
        store = _backend(ssm_backends, found["account"] or account_id, found["region"] or region)
        stored = store._parameters if store else {}  # noqa: SLF001 - moto has no other way
        if not (stored.get(name) or stored.get(name.removeprefix("/"))):
            missing.append(name)
    if not missing:
        return None
    return Problem(
        "unable to pull secrets",
        "ResourceInitializationError: unable to pull secrets or registry auth:"
        " execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been"
        f" retried 1 time(s): invalid parameters: {', '.join(missing)}",
    )


def _log_problem(container: Mapping[str, Any], account_id: str, region: str) -> Problem | None:
    logging = container.get("logConfiguration") or {}
    options = logging.get("options") or {}
    if logging.get("logDriver") != "awslogs" or options.get("awslogs-create-group") == "true":
        return None
    group = options.get("awslogs-group", "")
    logs = _backend(logs_backends, account_id, options.get("awslogs-region", region))
    if logs and group in logs.groups:
        return None
    return Problem(
        "unable to log",
        "ResourceInitializationError: failed to validate logger args: create stream has been"
        " retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified"
        f" log group does not exist: {group}",
    )


def _backend(backends: Any, account_id: str, place: str) -> Any:
    """Return what an account has of a service in a region or partition; None where there is no such place."""
    try:
        return backends[account_id][place]
    except KeyError:
        return None
