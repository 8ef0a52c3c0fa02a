"""ECS's rolling deployments: what becomes of a service over time. Pure: the time comes with each call.

Source: "Deploy Amazon ECS services by replacing tasks", "How the Amazon ECS deployment circuit breaker
detects failures" and "Amazon ECS service event messages", ECS developer guide. The durations are ours.
"""

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.aws.ecs.deployment import (
    Breaker,
    Deployment,
    Event,
    Problem,
    State,
    Status,
    Task,
    names_of,
    new_deployment_id,
    running_tasks,
)

START_SECONDS = 1.0
"""From a deployment to its first tasks, and from these to its end."""

RETRY_SECONDS = 0.5
"""Between a task that could not be started and the next one."""

SLOW_RETRY_SECONDS = 60.0
TASKS_RETRIED_FAST = 10
"""After so many failed tasks ECS takes longer between them."""

KEPT = 100
"""Events that DescribeServices shows, and stopped tasks."""

FAILED_TO_START = "TaskFailedToStart"
UNHEALTHY = "Task failed container health checks"
_STOPPED_BY_DEPLOYMENT = "ServiceSchedulerInitiated"

Looks = Callable[[str], Problem | None]
"""Tells why the tasks of a task definition can't be started now; None where they can."""

Healthy = Callable[[str], bool]
"""Tells whether the tasks of a task definition get healthy once they are started."""


class Rollout:
    """The deployments of one service, the newest first, their tasks and what ECS tells of them."""

    def __init__(
        self,
        service: str,
        looks: Looks,
        target_groups: tuple[str, ...] = (),
        healthy: Healthy = lambda _: True,
    ) -> None:
        self.breaker = Breaker()
        self.deployments: list[Deployment] = []
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.stopped: deque[Task] = deque(maxlen=KEPT)
        self.target_groups = target_groups
        self._service = service
        self._looks = looks
        self._healthy = healthy
        self._completed: Deployment | None = None

    @property
    def primary(self) -> Deployment:
        """The newest deployment; there is one after the first `begin`."""
        return self.deployments[0]

    @property
    def running(self) -> list[Task]:
        """Every task that runs."""
        return list(running_tasks(self.deployments))

    def begin(
        self, now: float, task_definition: str, desired: int, settings: Mapping[str, Any] | None = None
    ) -> Deployment:
        """Begin a deployment; what runs goes on running until its tasks have started."""
        # A deployment without tasks is over with the next one, whatever became of it.
        return self._begin(now, task_definition, desired, settings or {}, keep=lambda one: bool(one.tasks))

    def scale(self, now: float, desired: int) -> None:
        """Have another number of tasks; of a deployment in progress it counts when its tasks start."""
        self.advance(now)
        self.primary.desired, self.primary.updated_at = desired, now
        if self.primary.state is State.COMPLETED:
            self.primary.due_at = now
        self.advance(now)

    def end(self, now: float) -> None:
        """Stop everything: the service is deleted."""
        self.advance(now)
        for deployment in self.deployments:
            self._stop(deployment, 0, now)
        self.deployments = []

    def advance(self, now: float) -> None:
        """Do all that was due until now, each at its own time."""
        while self.deployments and self.primary.goes_on and self.primary.due_at <= now:
            self._step(self.primary, self.primary.due_at)

    def _begin(
        self,
        now: float,
        task_definition: str,
        desired: int,
        settings: Mapping[str, Any],
        keep: Callable[[Deployment], bool],
    ) -> Deployment:
        name = new_deployment_id()
        begun = Deployment(
            name,
            task_definition,
            desired,
            now,
            now + START_SECONDS,
            f"ECS deployment {name} in progress.",
            settings,
            updated_at=now,
        )
        older = [one for one in self.deployments if keep(one)]
        for deployment in older:
            deployment.status = Status.ACTIVE
            deployment.desired = deployment.running
        self.deployments = [begun, *older]
        return begun

    def _step(self, deployment: Deployment, at: float) -> None:
        deployment.updated_at = at
        completed = deployment.state is State.COMPLETED
        if not completed and (deployment.running or deployment.desired == 0):
            if deployment.running and not self._healthy(deployment.task_definition):
                self._fail_health(deployment, at)
            else:
                self._complete(deployment, at)
            return
        problem = self._looks(deployment.task_definition) if deployment.pending else None
        if problem is not None:
            self._fail_task(deployment, at, problem)
        elif completed:
            self._scale_tasks(deployment, at)
            self._tell(at, "has reached a steady state.")
        else:
            self._start(deployment, at)

    def _start(self, deployment: Deployment, at: float) -> None:
        self._scale_tasks(deployment, at)
        if self._healthy(deployment.task_definition):
            for older in self.deployments[1:]:
                self._stop(older, 0, at)
        deployment.due_at = at + START_SECONDS

    def _complete(self, deployment: Deployment, at: float) -> None:
        # The count may have been changed since the tasks were started.
        self._scale_tasks(deployment, at)
        for older in self.deployments[1:]:
            self._stop(older, 0, at)
        deployment.state = State.COMPLETED
        deployment.reason = f"ECS deployment {deployment.id} completed."
        self.deployments = [deployment]
        self._completed = deployment
        self._tell(at, f"(deployment {deployment.id}) deployment completed.")
        self._tell(at, "has reached a steady state.")

    def _fail_task(self, deployment: Deployment, at: float, problem: Problem) -> None:
        if problem.what:
            task = Task.start(deployment, at)
            task.stop(at, FAILED_TO_START, problem.reason)
            self.stopped.appendleft(task)
            self._tell(at, f"was unable to start {names_of([task])}: {problem.what} ({problem.reason})")
        else:
            self._tell(at, f"failed to launch a task with (error {problem.reason}).")
        if deployment.state is State.COMPLETED:
            deployment.due_at = at + SLOW_RETRY_SECONDS
            return
        deployment.failed_tasks += 1
        failed = deployment.failed_tasks
        if self._breaks(deployment, at):
            return
        if failed == TASKS_RETRIED_FAST:
            self._tell(at, "is unable to consistently start tasks successfully.")
        deployment.due_at = at + (RETRY_SECONDS if failed < TASKS_RETRIED_FAST else SLOW_RETRY_SECONDS)

    def _fail_health(self, deployment: Deployment, at: float) -> None:
        """Stop all tasks of a deployment, none of which got healthy, to have others started in their place.

        The older deployment's go on. Tasks that ran are replaced without the longer waits of those that
        could not be started ("Amazon ECS service throttle logic", ECS developer guide).
        """
        failed, deployment.tasks = deployment.tasks, []
        for task in failed:
            task.stop(at, _STOPPED_BY_DEPLOYMENT, UNHEALTHY)
            self._tell(at, f"(task {task.id}) failed container health checks.")
        self.stopped.extendleft(failed)
        deployment.failed_tasks += len(failed)
        if not self._breaks(deployment, at):
            deployment.due_at = at + START_SECONDS

    def _breaks(self, deployment: Deployment, at: float) -> bool:
        """Fail a deployment of which too many tasks have failed, where the circuit breaker is on; tell so."""
        if not self.breaker.enabled or deployment.failed_tasks < self.breaker.threshold(deployment.desired):
            return False
        self._fail(deployment, at)
        return True

    def _fail(self, deployment: Deployment, at: float) -> None:
        deployment.state = State.FAILED
        deployment.reason = "ECS deployment circuit breaker: tasks failed to start."
        self._tell(at, f"(deployment {deployment.id}) deployment failed: tasks failed to start.")
        former = self._completed
        if not self.breaker.rollback or former is None or deployment.rolls_back:
            return
        back = self._begin(
            at,
            former.task_definition,
            deployment.desired,
            former.settings,
            keep=lambda one: bool(one.tasks) or one is deployment,
        )
        back.rolls_back = True
        back.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {former.id}."
        self._tell(at, f"rolling back to deployment {former.id}.")

    def _scale_tasks(self, deployment: Deployment, at: float) -> None:
        """Start or stop as many tasks of a deployment as its desired count says."""
        missing = deployment.desired - deployment.running
        if missing > 0:
            started = [Task.start(deployment, at) for _ in range(missing)]
            deployment.tasks += started
            self._tell(at, f"has started {missing} tasks: {names_of(started)}.")
            for arn in self.target_groups:
                self._tell(at, f"registered {missing} targets in (target-group {arn})")
        elif missing < 0:
            self._stop(deployment, deployment.desired, at)

    def _stop(self, deployment: Deployment, left: int, at: float) -> None:
        """Stop all but so many tasks of a deployment."""
        stopped = deployment.tasks[left:]
        if not stopped:
            return
        deployment.tasks, deployment.desired = deployment.tasks[:left], left
        for task in stopped:
            reason = f"Scaling activity initiated by (deployment {self.primary.id})"
            task.stop(at, _STOPPED_BY_DEPLOYMENT, reason)
        self.stopped.extendleft(stopped)
        for arn in self.target_groups:
            self._tell(at, f"deregistered {len(stopped)} targets in (target-group {arn})")
        self._tell(at, f"has stopped {len(stopped)} running tasks: {names_of(stopped)}.")

    def _tell(self, at: float, message: str) -> None:
        self.events.appendleft(Event(str(uuid.uuid4()), at, f"(service {self._service}) {message}"))
