"""Services as ECS tells of them, for the tests of rollouts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scripts.deploy.rollout import Deployment, Event, Service

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def arn(revision: int, family: str = "backend") -> str:
    """Return a task definition's ARN."""
    return f"arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:{revision}"


def deployment(
    revision: int, status: str = "PRIMARY", state: str = "COMPLETED", reason: str = ""
) -> Deployment:
    """Return a deployment of a revision."""
    return Deployment(arn(revision), status, state, reason)


def event(number: int, text: str) -> Event:
    """Return the event of that number, a second after the one before."""
    return Event(f"e{number}", START + timedelta(seconds=number), f"(service backend) {text}")


def service(*deployments: Deployment, running: int = 2, events: tuple[Event, ...] = ()) -> Service:
    """Return a service that wants two tasks."""
    return Service("ACTIVE", 2, running, deployments, events)
