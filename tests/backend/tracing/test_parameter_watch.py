"""New values of Honeycomb's parameters, against a server in SSM's place."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from services.tracing.startup import aws_client, parameter_watch
from services.tracing.startup.aws_client import make_clients
from services.tracing.startup.parameter_watch import (
    ASK_JITTER_SECONDS,
    FIRST_GAP_SECONDS,
    GAP_MAX_SECONDS,
    ParameterWatch,
)
from services.tracing.startup.parameters import API_KEY, DATASET, ENDPOINT, Parameter, ParameterReader
from tests.backend.tracing.cloud import KEY, Cloud, aws_error, cloud
from tests.backend.tracing.servers import WAIT_SECONDS

NEW_KEY = "hcaik_" + "n" * 58


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore takes credentials from the environment, as it does in production."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(aws_client, "ATTEMPTS_MAX", 1)


@pytest.fixture
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that is asked for begins at once."""
    monkeypatch.setattr(parameter_watch, "ASK_JITTER_SECONDS", 0.0)


class Clock:
    """A clock that the test moves; whoever waits on it is woken."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Looks:
    """What a watch told after each look."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Parameter] | None] = []
        self.changed = threading.Condition()

    def __call__(self, parameters: Mapping[str, Parameter] | None) -> None:
        with self.changed:
            self.told.append(parameters)
            self.changed.notify_all()

    def wait_for(self, count: int) -> list[Mapping[str, Parameter] | None]:
        """Wait until so many looks have ended."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.told) >= count, WAIT_SECONDS)
            return list(self.told)


@contextmanager
def watching(
    aws: Cloud, *, clock: Callable[[], float] = time.monotonic, poll_seconds: float = 3600
) -> Iterator[tuple[ParameterWatch, Looks]]:
    """Run a watch that knows what the cloud holds now."""
    settings = aws.settings(parameter_poll_seconds=poll_seconds)
    (ssm,) = make_clients(settings, "ssm")
    problems: list[str] = []
    known = ParameterReader(settings, ssm).read(problems)
    assert problems == []
    looks = Looks()
    watch = ParameterWatch(settings, known, looks, clock=clock)
    watch.start()
    try:
        yield watch, looks
    finally:
        watch.stop()


def test_a_new_key_is_told_when_asked_for() -> None:
    """The look begins soon; it tells Honeycomb's parameters with their new versions, and no others."""
    with cloud() as aws, watching(aws) as (watch, looks):
        aws.put(API_KEY, NEW_KEY)
        assert 0 <= watch.ask() <= ASK_JITTER_SECONDS
        (told,) = looks.wait_for(1)
    assert told is not None
    assert set(told) == {API_KEY, DATASET, ENDPOINT}
    assert (told[API_KEY].value, told[API_KEY].version) == (NEW_KEY, 4)


def test_a_change_is_found_by_itself() -> None:
    """Nobody has to ask: the parameters are read again from time to time, endpoint and data set too."""
    with cloud() as aws, watching(aws, poll_seconds=0.02) as (_, looks):
        looks.wait_for(2)
        aws.put(ENDPOINT, "http://127.0.0.1:10")
        with looks.changed:
            assert looks.changed.wait_for(lambda: any(looks.told), WAIT_SECONDS)
        (told,) = [told for told in looks.told if told]
    assert told[ENDPOINT].value == "http://127.0.0.1:10"


def test_workers_do_not_look_all_at_once() -> None:
    """A rotation is refused to every worker in the same moment: SSM is asked over some seconds."""
    clock = Clock()
    with cloud() as aws:
        waits = []
        for _ in range(20):
            with watching(aws, clock=clock) as (watch, _looks):
                waits.append(watch.ask())
    assert all(0 <= wait <= ASK_JITTER_SECONDS for wait in waits)
    assert max(waits) - min(waits) > ASK_JITTER_SECONDS / 4


@pytest.mark.usefixtures("no_jitter")
def test_looks_that_find_nothing_come_ever_more_rarely() -> None:
    """However often the key is refused, SSM is asked at most once in 5 s, and at last once in 60.

    Once one brought something new, the next may come after 5 s again.
    """
    clock = Clock()
    gaps = []
    with cloud() as aws, watching(aws, clock=clock) as (watch, looks):
        for number in range(1, 9):
            gaps.append(watch.ask())
            assert watch.ask() == gaps[-1]
            clock.now += gaps[-1]
            with watch._changed:
                watch._changed.notify_all()
            assert looks.wait_for(number)[-1] is None
        assert len(aws.server.requests) == 1 + len(gaps)
        aws.put(API_KEY, NEW_KEY)
        clock.now += watch.ask()
        with watch._changed:
            watch._changed.notify_all()
        assert looks.wait_for(9)[-1] is not None
        assert watch.ask() == FIRST_GAP_SECONDS
    assert gaps == [0, FIRST_GAP_SECONDS, 10, 20, 40, *[GAP_MAX_SECONDS] * 3]


@pytest.mark.parametrize("value", ["", "key\n", "ke\u00ff"])
def test_an_unusable_value_is_refused(value: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is a problem and one line in the log, without the value; a good one is taken up later."""
    with cloud() as aws, watching(aws, poll_seconds=0.02) as (watch, looks):
        aws.put(API_KEY, value)
        told = len(looks.told)
        looks.wait_for(told + 3)
        assert not any(looks.told)
        (problem,) = watch.problems
        assert "honeycomb/api-key holds no usable value" in problem
        aws.put(API_KEY, NEW_KEY)
        with looks.changed:
            assert looks.changed.wait_for(lambda: any(looks.told), WAIT_SECONDS)
        assert watch.problems == ()
    lines = [record.getMessage() for record in caplog.records if "can't be taken up" in record.getMessage()]
    assert len(lines) == 1
    assert KEY not in caplog.text
    assert NEW_KEY not in caplog.text


def test_ssm_that_fails_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """What can't be read changes nothing; the next look is made all the same."""
    caplog.set_level(logging.INFO)
    call = "AmazonSSM.GetParametersByPath"
    with cloud() as aws, watching(aws, poll_seconds=0.02) as (watch, looks):
        aws.failures[call] = aws_error("AccessDeniedException")
        aws.put(API_KEY, NEW_KEY)
        looks.wait_for(len(looks.told) + 3)
        assert "allow ssm:GetParametersByPath" in watch.problems[0]
        del aws.failures[call]
        with looks.changed:
            assert looks.changed.wait_for(lambda: any(looks.told), WAIT_SECONDS)
    assert "parameters can be read again" in caplog.text


def test_an_unexpected_error_does_not_end_the_watch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told by its kind alone: its text may hold a value."""
    monkeypatch.setattr(parameter_watch, "make_clients", _failing)
    with cloud() as aws, watching(aws) as (watch, looks):
        watch.ask()
        assert looks.wait_for(1) == [None]
        assert watch.problems == ("unexpected RuntimeError while parameters were read again",)
    assert KEY not in caplog.text


def _failing(*_: object) -> None:
    raise RuntimeError(KEY)
