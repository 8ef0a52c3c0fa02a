"""What a service's rollout consists of: deployments, tasks, events. Times are seconds since 1970."""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """PRIMARY is the newest deployment, ACTIVE an older one that has tasks still."""

    PRIMARY = "PRIMARY"
    ACTIVE = "ACTIVE"


class State(StrEnum):
    """How far a deployment is: ECS's `rolloutState`."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Breaker:
    """A service's deployment circuit breaker."""

    enabled: bool = False
    rollback: bool = False

    @staticmethod
    def threshold(desired: int) -> int:
        """Return how many failed tasks make a deployment of so many fail.

        Source: "How the Amazon ECS deployment circuit breaker detects failures", ECS developer guide: half of
        the desired count, 3 at least and 200 at most.
        """
        return min(max((desired + 1) // 2, 3), 200)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a task can't be started: `what` ECS is unable to do, and the `reason`, an error's name first.

    With nothing in `what` ECS can't even launch it: there is no task to look at then.
    """

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """One of a service's messages."""

    id: str
    at: float
    message: str


@dataclass(slots=True)
class Task:
    """A task of a service; it runs as long as it has no `stopped_at`."""

    id: str
    deployment_id: str
    task_definition: str
    started_at: float
    stopped_at: float | None = None
    stop_code: str = ""
    stopped_reason: str = ""

    @classmethod
    def start(cls, deployment: "Deployment", at: float) -> "Task":
        """Return a new task of a deployment."""
        return cls(uuid.uuid4().hex, deployment.id, deployment.task_definition, at)

    def stop(self, at: float, code: str, reason: str) -> None:
        """Have it stopped."""
        self.stopped_at, self.stop_code, self.stopped_reason = at, code, reason


@dataclass(slots=True)
class Deployment:
    """One deployment of a service; `settings` is what else DescribeServices tells of it."""

    id: str
    task_definition: str
    desired: int
    created_at: float
    due_at: float
    reason: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    status: Status = Status.PRIMARY
    state: State = State.IN_PROGRESS
    failed_tasks: int = 0
    updated_at: float = 0.0
    tasks: list[Task] = field(default_factory=list)
    rolls_back: bool = False

    @property
    def running(self) -> int:
        """How many of its tasks run."""
        return len(self.tasks)

    @property
    def pending(self) -> int:
        """How many of its tasks are still to be started."""
        return max(self.desired - self.running, 0) if self.state is not State.FAILED else 0

    @property
    def goes_on(self) -> bool:
        """Whether there is still something to do."""
        if self.state is State.COMPLETED:
            return self.running != self.desired
        return self.state is State.IN_PROGRESS


def new_deployment_id() -> str:
    """Return an id as ECS's: 19 digits after `ecs-svc/`."""
    return f"ecs-svc/{10**18 + secrets.randbelow(9 * 10**18)}"


def names_of(tasks: list[Task]) -> str:
    """Return tasks as events name them."""
    return " ".join(f"(task {task.id})" for task in tasks)


def running_tasks(deployments: list[Deployment]) -> Iterator[Task]:
    """Yield what runs, the newest deployment's first."""
    for deployment in deployments:
        yield from deployment.tasks
