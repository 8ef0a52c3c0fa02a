"""Deployments over time, by properties; no clock but that of the calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.ecs.deployment import Breaker, Problem, State, Status
from localcloud.aws.ecs.rollout import FAILED_TO_START, KEPT, UNHEALTHY, Rollout

if TYPE_CHECKING:
    from collections.abc import Sequence

GOOD, BAD, SICK = "good", "bad", "sick"
LONG_SECONDS = 10_000.0
PROBLEM = Problem("unable to pull", "CannotPullContainerError: not found")
counts = st.integers(0, 12)
breakers = st.builds(Breaker, st.booleans(), st.booleans())
definitions = st.sampled_from((f"{GOOD}:1", f"{GOOD}:2", f"{BAD}:3", f"{SICK}:4"))
steps = st.tuples(st.sampled_from(("deploy", "scale", "wait")), definitions, counts, st.floats(0, 5))


def _looks(task_definition: str) -> Problem | None:
    return PROBLEM if task_definition.startswith(BAD) else None


def _is_healthy(task_definition: str) -> bool:
    return not task_definition.startswith(SICK)


@dataclass
class Service:
    """A service under test: its rollout and its clock."""

    breaker: Breaker = field(default_factory=Breaker)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.rollout = Rollout("x", _looks, ("arn:group",), _is_healthy)
        self.rollout.breaker = self.breaker

    def deploy(self, task_definition: str, desired: int = 2, *, seconds: float = LONG_SECONDS) -> None:
        """Begin a deployment and look at it after some time."""
        self.rollout.advance(self.now)
        self.rollout.begin(self.now, task_definition, desired)
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Let some time go by."""
        self.now += seconds
        self.rollout.advance(self.now)

    @property
    def messages(self) -> list[str]:
        """What ECS tells, the oldest first."""
        return [event.message for event in reversed(self.rollout.events)]

    @property
    def running(self) -> set[str]:
        """The task definitions that tasks run of."""
        return {task.task_definition for task in self.rollout.running}

    def run(self, plan: Sequence[tuple[str, str, int, float]]) -> None:
        """Do what the plan says, step by step."""
        for what, task_definition, desired, seconds in plan:
            if what == "deploy" or not self.rollout.deployments:
                self.deploy(task_definition, desired, seconds=seconds)
            elif what == "scale":
                self.rollout.scale(self.now, desired)
            else:
                self.wait(seconds)


@given(breakers, counts)
def test_a_good_deployment_completes(breaker: Breaker, desired: int) -> None:
    """It ends with all its tasks, as the only deployment, in a steady state."""
    service = Service(breaker)
    service.deploy(f"{GOOD}:1", desired)
    (deployment,) = service.rollout.deployments
    assert (deployment.state, deployment.running, deployment.pending) == (State.COMPLETED, desired, 0)
    assert service.messages[-1] == "(service x) has reached a steady state."


@given(counts)
def test_a_deployment_takes_its_time(desired: int) -> None:
    """At first it is in progress, with all its tasks to come."""
    service = Service()
    service.deploy(f"{GOOD}:1", desired, seconds=0)
    (deployment,) = service.rollout.deployments
    assert (deployment.state, deployment.running, deployment.pending) == (State.IN_PROGRESS, 0, desired)


@given(st.integers(1, 12))
def test_a_failed_deployment_is_rolled_back(desired: int) -> None:
    """With circuit breaker and rollback the former task definition is deployed anew, and never stopped."""
    service = Service(Breaker(enabled=True, rollback=True))
    service.deploy(f"{GOOD}:1", desired)
    first = service.rollout.primary.id
    service.deploy(f"{BAD}:3", desired, seconds=0)
    failed = service.rollout.primary
    states = set()
    for _ in range(200):
        service.wait(0.25)
        assert service.running == {f"{GOOD}:1"}
        states |= {(one.id == failed.id, one.state, one.status) for one in service.rollout.deployments}
    assert (True, State.FAILED, Status.ACTIVE) in states
    (back,) = service.rollout.deployments
    assert back.id not in {first, failed.id}
    assert (back.task_definition, back.state, back.running) == (f"{GOOD}:1", State.COMPLETED, desired)
    assert failed.failed_tasks == Breaker.threshold(desired)
    assert f"(service x) rolling back to deployment {first}." in service.messages
    assert {task.stop_code for task in service.rollout.stopped} >= {FAILED_TO_START}


@given(st.integers(1, 12))
def test_tasks_that_never_get_healthy_are_rolled_back(desired: int) -> None:
    """They run and are stopped again, with the reason; the former ones serve all the while."""
    service = Service(Breaker(enabled=True, rollback=True))
    service.deploy(f"{GOOD}:1", desired)
    service.deploy(f"{SICK}:4", desired, seconds=0)
    failed = service.rollout.primary
    seen = set()
    for _ in range(200):
        service.wait(0.25)
        assert f"{GOOD}:1" in service.running
        assert failed.state is not State.COMPLETED
        seen |= service.running
    assert seen == {f"{GOOD}:1", f"{SICK}:4"}
    (back,) = service.rollout.deployments
    assert (back.task_definition, back.state, back.running) == (f"{GOOD}:1", State.COMPLETED, desired)
    assert failed.failed_tasks >= Breaker.threshold(desired)
    sick = [task for task in service.rollout.stopped if task.task_definition == f"{SICK}:4"]
    assert {task.stopped_reason for task in sick} == {UNHEALTHY}
    assert f"(service x) (task {sick[-1].id}) failed container health checks." in service.messages


@given(st.booleans(), st.integers(1, 12))
def test_without_a_former_deployment_it_stays_failed(rollback: bool, desired: int) -> None:
    """There is nothing to go back to."""
    service = Service(Breaker(enabled=True, rollback=rollback))
    service.deploy(f"{BAD}:3", desired)
    (deployment,) = service.rollout.deployments
    assert (deployment.state, deployment.running, deployment.pending) == (State.FAILED, 0, 0)
    assert deployment.reason == "ECS deployment circuit breaker: tasks failed to start."


def test_without_a_circuit_breaker_it_goes_on() -> None:
    """The deployment never ends, the old tasks run on, and ECS says once that it can't start any."""
    service = Service()
    service.deploy(f"{GOOD}:1")
    service.deploy(f"{BAD}:3", seconds=60)
    assert [one.state for one in service.rollout.deployments] == [State.IN_PROGRESS, State.COMPLETED]
    assert service.running == {f"{GOOD}:1"}
    assert service.messages.count("(service x) is unable to consistently start tasks successfully.") == 1


def test_what_is_put_right_is_started() -> None:
    """An image that comes later is pulled with the next task."""
    missing = [PROBLEM, PROBLEM]
    rollout = Rollout("x", lambda _: missing.pop() if missing else None)
    rollout.breaker = Breaker(enabled=True, rollback=True)
    rollout.begin(0, "late:1", 2)
    rollout.advance(LONG_SECONDS)
    assert (rollout.primary.state, rollout.primary.failed_tasks) == (State.COMPLETED, 2)


def test_scaling_starts_only_what_can_be_started() -> None:
    """Tasks that a larger count asks for are tried again and again, without another deployment."""
    missing: list[Problem] = []
    rollout = Rollout("x", lambda _: missing[0] if missing else None)
    rollout.begin(0, "x:1", 1)
    rollout.advance(LONG_SECONDS)
    missing.append(PROBLEM)
    rollout.scale(LONG_SECONDS, 3)
    (deployment,) = rollout.deployments
    assert (deployment.state, deployment.running, deployment.pending) == (State.COMPLETED, 1, 2)
    missing.clear()
    rollout.advance(2 * LONG_SECONDS)
    assert (deployment.running, deployment.pending, deployment.failed_tasks) == (3, 0, 0)
    rollout.scale(2 * LONG_SECONDS, 0)
    assert rollout.running == []


@given(breakers, st.lists(steps, max_size=25))
def test_invariants(breaker: Breaker, plan: list[tuple[str, str, int, float]]) -> None:
    """One deployment is primary, the newest; no more tasks run than wanted; nothing grows without end.

    A smaller count counts for a deployment in progress when that completes.
    """
    service = Service(breaker)
    service.run(plan)
    deployments = service.rollout.deployments
    assert [one.status for one in deployments[:1]] == [Status.PRIMARY] * bool(deployments)
    assert all(one.status is Status.ACTIVE for one in deployments[1:])
    assert all(one.running <= one.desired for one in deployments if one.state is State.COMPLETED)
    assert all(not task.task_definition.startswith(BAD) for task in service.rollout.running)
    assert all(task.stopped_at is None for task in service.rollout.running)
    assert all(task.stopped_at is not None for task in service.rollout.stopped)
    assert max(len(service.rollout.events), len(service.rollout.stopped)) <= KEPT
    ids = [task.id for task in [*service.rollout.running, *service.rollout.stopped]]
    assert len(ids) == len(set(ids))


@given(breakers, st.lists(steps, max_size=15), st.lists(st.floats(0, 3), max_size=30))
def test_looking_changes_nothing(
    breaker: Breaker, plan: list[tuple[str, str, int, float]], looks: list[float]
) -> None:
    """Whether it is looked at often or once, the same has become of it."""
    often, once = Service(breaker), Service(breaker)
    for service in (often, once):
        service.run(plan)
    for seconds in looks:
        often.wait(seconds)
    once.wait(often.now - once.now)
    assert _shape(often) == _shape(once)


@given(breakers, st.lists(steps, min_size=1, max_size=15))
def test_the_end_stops_everything(breaker: Breaker, plan: list[tuple[str, str, int, float]]) -> None:
    """A deleted service has neither tasks nor deployments, also later."""
    service = Service(breaker)
    service.run(plan)
    service.rollout.end(service.now)
    service.wait(LONG_SECONDS)
    assert service.rollout.deployments == []
    assert service.rollout.running == []


def _shape(service: Service) -> list[tuple[object, ...]]:
    return [
        (one.task_definition, one.status, one.state, one.running, one.desired, one.failed_tasks)
        for one in service.rollout.deployments
    ]
