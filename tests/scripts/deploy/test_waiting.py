"""Waiting for a rollout: what is told on the way, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from scripts.deploy import service as edge
from scripts.deploy import waiting
from scripts.deploy.names import Names
from scripts.deploy.rollout import Kind
from scripts.errors import InterruptedRunError, OperatorError
from tests.scripts.deploy.services import arn, deployment, event, service
from tests.scripts.deploy.test_calls import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.deploy.calls import Aws
    from scripts.deploy.rollout import Service
    from scripts.output import Output

NAMES = Names("123456789012", "eu-west-1", "c", "backend", "backend", "/p/deploy/image", "")
ROLLING = service(deployment(2, state="IN_PROGRESS"), deployment(1, "ACTIVE"), running=1)
FAILED = service(deployment(2, state="FAILED"), running=0)


class Told:
    """Takes what would be printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Take one line."""
        self.lines.append(text)


@pytest.fixture
def told() -> Told:
    """What the wait prints."""
    return Told()


def _wait(
    monkeypatch: pytest.MonkeyPatch, told: Told, looks: Iterator[Service | BaseException | None]
) -> waiting.Ended:
    """Wait with a clock that each pause moves; *looks* are what ECS tells, in turn."""
    now = [0.0]

    def look(_aws: Aws, _names: Names) -> Service | None:
        found = next(looks)
        if isinstance(found, BaseException):
            raise found
        return found

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(edge, "look", look)
    watch = waiting.Watch(
        *(cast("Aws", None), NAMES, arn(2), frozenset({"e0"}), cast("Output", told)),
        is_local=False,
        again="make deploy ENV=dev",
        clock=lambda: now[0],
        sleep=sleep,
    )
    return watch.wait()


def test_progress_is_told_until_it_is_steady(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """Each event once, those from before not at all; the number of tasks whenever it changes."""
    started = event(1, "has started 1 tasks.")
    looks = [
        service(deployment(1), events=(event(0, "before"),)),
        service(*ROLLING.deployments, running=1, events=(started, event(0, "before"))),
        service(*ROLLING.deployments, running=1, events=(started,)),
        service(deployment(2), events=(event(2, "has reached a steady state."), started)),
    ]
    ended = _wait(monkeypatch, told, iter(looks))
    assert ended.kind is Kind.STEADY
    assert [line.strip() for line in told.lines] == [
        "rolling out: 2 of 2 tasks run",
        "12:00:01 has started 1 tasks.",
        "rolling out: 1 of 2 tasks run",
        "12:00:02 has reached a steady state.",
    ]


def test_a_rollout_that_goes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """Only when the earlier revision has all its tasks again is it over."""
    back = service(deployment(1, state="IN_PROGRESS"), deployment(2, "ACTIVE", "FAILED"), running=1)
    ended = _wait(monkeypatch, told, iter([ROLLING, FAILED, back, back, service(deployment(1))]))
    assert ended.kind is Kind.ROLLED_BACK
    assert "rolling back: 1 of 2 tasks run" in told.lines[-1]


def test_a_failure_counts_when_ecs_does_not_go_back(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """The first deployment has nothing to go back to."""
    assert _wait(monkeypatch, told, iter([ROLLING, *[FAILED] * 3])).kind is Kind.FAILED


def test_a_service_that_is_gone_ends_the_wait(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """Somebody has destroyed it meanwhile."""
    assert _wait(monkeypatch, told, iter([ROLLING, None])).kind is Kind.GONE


def test_a_wait_is_bounded(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """After half an hour it says what to run to go on; the service goes on by itself."""

    def for_ever() -> Iterator[Service]:
        while True:
            yield ROLLING

    with pytest.raises(OperatorError, match="still rolling out after 30 minutes") as raised:
        _wait(monkeypatch, told, for_ever())
    assert "`make deploy ENV=dev` again" in raised.value.remedy


def test_an_interrupt_ends_the_wait_and_not_the_rollout(monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """Ctrl-C says that it goes on, and what waits for it again."""
    with pytest.raises(InterruptedRunError, match="goes on by itself"):
        _wait(monkeypatch, told, iter([ROLLING, KeyboardInterrupt()]))


def test_credentials_that_expire_end_the_wait_with_what_goes_on(
    monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """Told at once, with both commands: the one that signs in, and the one that waits again."""
    with pytest.raises(OperatorError, match=r"credentials have expired .*rolls out all the same") as raised:
        _wait(monkeypatch, told, iter([ROLLING, answer("ExpiredTokenException", 400)]))
    assert "sign in again" in raised.value.remedy
    assert "`make deploy ENV=dev` waits for it" in raised.value.remedy


def test_a_count_that_scaling_changes_meanwhile_is_followed(
    monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    """More tasks are wanted while they start: steady is only what has all of them. None is steady too."""
    more = replace(service(deployment(2), running=2), desired=4)
    ended = _wait(monkeypatch, told, iter([ROLLING, more, replace(more, running=4)]))
    assert (ended.kind, ended.service) == (Kind.STEADY, replace(more, running=4))
    assert told.lines[-1].strip() == "rolling out: 2 of 4 tasks run"
    nothing = replace(more, desired=0, running=0)
    assert _wait(monkeypatch, told, iter([nothing])).kind is Kind.STEADY
