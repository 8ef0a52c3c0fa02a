"""How a rollout stands by what ECS tells, case by case and whatever it tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.deploy import rollout
from scripts.deploy.rollout import Deployment, Event, Kind, Service
from tests.scripts.deploy.services import arn, deployment, event, service

BACK = event(2, "rolling back to deployment ecs-svc/1.")
FAILED = deployment(2, "ACTIVE", "FAILED", "ECS deployment circuit breaker: tasks failed to start.")


@pytest.mark.parametrize(
    ("seen", "was_primary", "kind"),
    [
        (service(deployment(2)), True, Kind.STEADY),
        (service(deployment(2), running=1), True, Kind.ROLLING),
        (service(deployment(2, state="IN_PROGRESS"), deployment(1, "ACTIVE")), True, Kind.ROLLING),
        (service(deployment(2, state="")), True, Kind.STEADY),
        (service(deployment(2, state=""), deployment(1, "ACTIVE", "")), True, Kind.ROLLING),
        (service(deployment(2, state="FAILED")), True, Kind.FAILED),
        (service(deployment(1)), False, Kind.ROLLING),  # an answer from before
        (service(deployment(1)), True, Kind.ROLLED_BACK),
        (service(deployment(1), FAILED), False, Kind.ROLLED_BACK),
        (service(deployment(1), events=(BACK,)), False, Kind.ROLLED_BACK),
        (service(deployment(1, state="IN_PROGRESS"), FAILED), True, Kind.ROLLING_BACK),
        (service(deployment(1), FAILED, running=0), True, Kind.ROLLING_BACK),
        (service(deployment(1, state="FAILED"), FAILED), True, Kind.FAILED),
        (service(deployment(3)), True, Kind.REPLACED),
        (service(Deployment(arn(2, "other"), "PRIMARY", "COMPLETED")), True, Kind.REPLACED),
        (service(), True, Kind.ROLLING),
        (Service("DRAINING", 0, 0), True, Kind.GONE),
        (None, True, Kind.GONE),
    ],
)
def test_the_standing(seen: Service | None, was_primary: bool, kind: Kind) -> None:
    """As ECS's developer guide describes a rollout, its failure and the way back."""
    assert rollout.judge(seen, arn(2), (), was_primary=was_primary) is kind


def test_events_from_before_say_nothing_of_this_rollout() -> None:
    """An earlier deployment that went back is no sign for one that ECS does not show yet."""
    seen = service(deployment(1), events=(BACK,))
    assert rollout.judge(seen, arn(2), {"e2"}) is Kind.ROLLING


DEPLOYMENTS = st.builds(
    Deployment,
    st.builds(arn, st.integers(1, 4)),
    st.sampled_from(["PRIMARY", "ACTIVE", "INACTIVE"]),
    st.sampled_from(["", "IN_PROGRESS", "COMPLETED", "FAILED"]),
    st.text(max_size=8),
)
EVENTS = st.builds(
    Event,
    st.sampled_from(["a", "b", "c"]),
    st.datetimes(timezones=st.just(UTC)),
    st.sampled_from(["(service x) has started 1 tasks.", BACK.text, "was unable to place a task"]),
)
SERVICES = st.builds(
    Service,
    st.sampled_from(["ACTIVE", "DRAINING", "INACTIVE"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.lists(DEPLOYMENTS, max_size=4).map(tuple),
    st.lists(EVENTS, max_size=4).map(tuple),
)


@given(st.none() | SERVICES, st.booleans())
def test_steady_means_that_all_its_tasks_run(seen: Service | None, was_primary: bool) -> None:
    """Whatever ECS tells: nothing raises, and steady is only what serves the wanted revision alone."""
    kind = rollout.judge(seen, arn(2), (), was_primary=was_primary)
    if kind is Kind.STEADY:
        assert seen is not None
        assert seen.primary is not None
        assert (seen.primary.definition, seen.running >= seen.desired) == (arn(2), True)
        assert seen.primary.state not in {"FAILED", "IN_PROGRESS"}
    if kind is Kind.ROLLED_BACK:
        assert seen is not None
        assert seen.primary is not None
        assert rollout.revision(seen.primary.definition)[1] < 2
    listed = seen.deployments if seen is not None else ()
    there = {one.definition for one in listed if one.state != "FAILED"}
    there = there or {one.definition for one in listed} - {arn(2)}
    serving = rollout.serving(seen, arn(2))
    assert (serving is None) == (not there)
    assert serving is None or serving in (there - {arn(2)} or there)


@given(SERVICES)
def test_events_are_told_once_and_in_their_order(seen: Service) -> None:
    """Those that are known are left out; times rise."""
    first = seen.new_events({"a"})
    assert all(one.id != "a" for one in first)
    assert [one.at for one in first] == sorted(one.at for one in first)
    assert seen.new_events({one.id for one in seen.events}) == []


def test_what_serves_is_the_completed_one() -> None:
    """Beside a failed deployment: the completed one, before one that is only on its way."""
    seen = service(deployment(3, state="IN_PROGRESS"), deployment(1, "ACTIVE"), FAILED)
    assert rollout.serving(seen, arn(2)) == arn(1)
    again = service(FAILED, deployment(2, "ACTIVE"))
    assert rollout.serving(again, arn(2)) == arn(2)
    back = deployment(1, state="FAILED")
    assert rollout.serving(service(back, FAILED), arn(2)) == arn(1)
    assert rollout.serving(service(back, FAILED, deployment(2, "ACTIVE")), arn(2)) == arn(2)
    assert rollout.serving(service(FAILED), arn(2)) is None
    assert rollout.serving(None, arn(2)) is None


def test_reasons_come_from_tasks_then_events_then_ecs() -> None:
    """Each once and on one line; good news, and events from before, are no reason."""
    unable = event(1, "was unable to place a task\nbecause of X.")
    good = event(3, "has started 1 tasks: (task 1).")
    seen = service(deployment(1), FAILED, events=(good, BACK, unable, event(0, "is unhealthy.")))
    found = rollout.reasons(seen, arn(2), {"e0"}, ["CannotPullContainerError: not found"])
    assert found == [
        "CannotPullContainerError: not found",
        "was unable to place a task because of X.",
        "rolling back to deployment ecs-svc/1.",
        "ECS deployment circuit breaker: tasks failed to start.",
    ]
    assert rollout.reasons(None, arn(2), (), []) == []


def test_a_rollout_under_way_is_known() -> None:
    """The one that ECS works towards, until it has completed or failed."""
    assert rollout.under_way(service(deployment(3, state="IN_PROGRESS"), deployment(2, "ACTIVE"))) == arn(3)
    assert rollout.under_way(service(deployment(3))) is None
    assert rollout.under_way(service(deployment(3, state="FAILED"))) is None
    assert rollout.under_way(None) is None


def test_what_was_given_up_is_known() -> None:
    """ECS works towards it no more, and has gone back to nothing else."""
    given_up = service(deployment(2, state="FAILED"))
    assert rollout.has_failed(given_up, arn(2))
    assert not rollout.has_failed(given_up, arn(3))
    assert not rollout.has_failed(service(deployment(1), FAILED), arn(2))
    assert not rollout.has_failed(service(deployment(2, state="IN_PROGRESS")), arn(2))
    assert not rollout.has_failed(None, arn(2))


def test_a_revision_is_a_number() -> None:
    """The tenth comes after the ninth."""
    assert rollout.revision(arn(10)) > rollout.revision(arn(9))
    with pytest.raises(ValueError, match="invalid literal"):
        rollout.revision("arn:aws:ecs:eu-west-1:123456789012:service/x")


def test_an_event_is_shown_without_the_services_name() -> None:
    """Every event begins with it."""
    assert Event("1", datetime.now(UTC), "(service a) has started 1 tasks.").words == "has started 1 tasks."
