"""How a rollout stands, by what ECS tells of the service. Pure.

Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures": a
deployment that fails gets rolloutState FAILED; with rollback, the last completed one becomes PRIMARY again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PRIMARY, COMPLETED, FAILED, IN_PROGRESS = "PRIMARY", "COMPLETED", "FAILED", "IN_PROGRESS"
_TROUBLE = re.compile(r"unable|failed|unhealthy|error|rolling back|health checks", re.IGNORECASE)
_GOING_BACK = re.compile(r"rolling back|deployment failed", re.IGNORECASE)
_SERVICE = re.compile(r"^\(service [^)]*\)\s*")


class Kind(StrEnum):
    """How a rollout stands."""

    ROLLING = "rolling out"
    STEADY = "steady"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    REPLACED = "replaced"
    GONE = "gone"


@dataclass(frozen=True)
class Deployment:
    """One of a service's deployments. ``state`` is ECS's rolloutState, empty where it tells none."""

    definition: str
    status: str
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """One of a service's events."""

    id: str
    at: datetime
    text: str

    @property
    def words(self) -> str:
        """The text without the service's name, which every event has in front."""
        return _SERVICE.sub("", self.text)


@dataclass(frozen=True)
class Service:
    """A service as ECS tells of it; events are its newest hundred, newest first."""

    status: str
    desired: int
    running: int
    deployments: tuple[Deployment, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def primary(self) -> Deployment | None:
        """The deployment that ECS works towards."""
        return next((one for one in self.deployments if one.status == PRIMARY), None)

    def new_events(self, known: Iterable[str]) -> list[Event]:
        """Return the events whose ids are not *known*, oldest first."""
        seen = set(known)
        oldest_first = reversed([event for event in self.events if event.id not in seen])
        return sorted(oldest_first, key=lambda event: event.at)


def short(definition: str) -> str:
    """Return what a person calls a task definition by its ARN, as in ``backend:7``."""
    return definition.rpartition("/")[2]


def revision(definition: str) -> tuple[str, int]:
    """Return the family and the revision of a task definition's ARN. Raises ValueError where it is none."""
    family, _, number = short(definition).rpartition(":")
    return family, int(number)


def judge(service: Service | None, wanted: str, known: Iterable[str], *, was_primary: bool = False) -> Kind:
    """Return how the rollout of task definition *wanted* stands.

    *known* are the ids of events from before it. *was_primary* tells that ECS has been seen to work towards
    it: until then an older PRIMARY may be an answer from before, unless the service says that it failed.
    """
    if service is None or service.status != "ACTIVE":
        return Kind.GONE
    primary = service.primary
    if primary is None:
        return Kind.ROLLING
    has_all = service.running >= service.desired
    if primary.definition == wanted:
        return _of_ours(primary, is_alone=len(service.deployments) == 1, has_all=has_all)
    (family, number), (ours, own) = revision(primary.definition), revision(wanted)
    if family != ours or number > own:
        return Kind.REPLACED
    if not was_primary and not _has_failed(service, wanted, known):
        return Kind.ROLLING
    if primary.state == FAILED:
        return Kind.FAILED  # the way back failed as well
    return Kind.ROLLED_BACK if primary.state in {COMPLETED, ""} and has_all else Kind.ROLLING_BACK


def _of_ours(primary: Deployment, *, is_alone: bool, has_all: bool) -> Kind:
    if primary.state == FAILED:
        return Kind.FAILED
    if has_all and (primary.state == COMPLETED or (not primary.state and is_alone)):
        return Kind.STEADY
    return Kind.ROLLING


def _has_failed(service: Service, wanted: str, known: Iterable[str]) -> bool:
    if any(one.definition == wanted and one.state == FAILED for one in service.deployments):
        return True
    return any(_GOING_BACK.search(event.text) for event in service.new_events(known))


def serving(service: Service | None, wanted: str) -> str | None:
    """Return the task definition that serves beside, or instead of, *wanted*; None where none does.

    That is *wanted* itself where an older deployment of it goes on after a newer one has failed, and one that
    has failed too where ECS went back to it and there is no other: it is what has to serve again.
    """
    if service is None:
        return None
    others = [one for one in service.deployments if one.state != FAILED]
    done = [one for one in others if one.state in {COMPLETED, ""}]
    found = sorted([*done, *others], key=lambda one: one.definition == wanted)
    found += [one for one in service.deployments if one.state == FAILED and one.definition != wanted]
    return found[0].definition if found else None


def known_events(service: Service | None) -> frozenset[str]:
    """Return the ids of the events that there are by now, which say nothing of a rollout to come."""
    return frozenset(event.id for event in service.events) if service is not None else frozenset()


def has_failed(service: Service | None, wanted: str) -> bool:
    """Tell whether ECS has given up *wanted*, and went back to nothing."""
    primary = service.primary if service is not None else None
    return primary is not None and primary.definition == wanted and primary.state == FAILED


def under_way(service: Service | None) -> str | None:
    """Return the task definition that ECS is still rolling out, None where it is not at it."""
    primary = service.primary if service is not None else None
    return primary.definition if primary is not None and primary.state == IN_PROGRESS else None


def reasons(service: Service | None, wanted: str, known: Iterable[str], stopped: Iterable[str]) -> list[str]:
    """Return why *wanted* failed, each reason once: *stopped* tasks say most, then events, then ECS."""
    found = list(stopped)
    if service is not None:
        found += [event.words for event in service.new_events(known) if _TROUBLE.search(event.text)]
        found += [one.reason for one in service.deployments if one.definition == wanted and one.reason]
    return list(dict.fromkeys(" ".join(text.split()) for text in found if text.strip()))
