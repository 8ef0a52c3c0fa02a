"""Following: every trace is told once, and once more when it is whole, however late and in whatever order."""

from __future__ import annotations

import itertools
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from scripts.traces.clock import ServiceClock
from scripts.traces.follow import (
    CATCH_UP_MAX,
    FAILURES_MAX,
    INTERVAL_MAX_SECONDS,
    INTERVAL_SECONDS,
    OVERLAP,
    Surroundings,
    Told,
    follow,
)
from scripts.traces.newest import Newest
from scripts.traces.patience import PAUSES_SECONDS, patiently
from scripts.traces.times import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

BEGIN = datetime(2026, 11, 21, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """That many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)


def summary(number: int, *, partial: bool, seconds: float = 0.0) -> TraceSummaryTypeDef:
    """A trace."""
    told = {"Id": f"1-00000001-{number:024x}", "IsPartial": partial, "StartTime": at(seconds)}
    return cast("TraceSummaryTypeDef", told)


class Change:
    """A trace changes at a time, and is listed some seconds later."""

    def __init__(self, number: int, time: float, delay: float, *, partial: bool) -> None:
        self.number, self.time, self.listed, self.partial = number, time, time + delay, partial


class Service:
    """X-Ray as far as following sees it: a clock of its own, changes, and failures in their turn.

    The clock of whoever follows is *ahead* by so many seconds.
    """

    def __init__(
        self,
        changes: Iterable[Change] = (),
        failures: Iterable[Exception | None] = (),
        *,
        ahead: float = 0.0,
    ) -> None:
        self.changes, self.failures = list(changes), iter(failures)
        self.time = 0.0
        self.clock = ServiceClock(lambda: at(self.time + ahead))
        self.pauses: list[float] = []
        self.said: list[str] = []
        self.asked: list[Range] = []

    def ask(self, asked: Range) -> Iterator[TraceSummaryTypeDef]:
        """Answer with each trace's latest state of those that changed within *asked*, then maybe fail."""
        self.asked.append(asked)
        self.clock.note({"date": format_datetime(at(self.time), usegmt=True)})
        latest: dict[int, Change] = {}
        for change in self.changes:
            if change.listed <= self.time and asked.begin <= at(change.time) < asked.end:
                known = latest.get(change.number)
                latest[change.number] = change if known is None or not change.partial else known
        for change in latest.values():
            yield summary(change.number, partial=change.partial, seconds=change.time)
        failure = next(self.failures, None)
        if failure is not None:
            raise failure

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.pauses.append(seconds)
        self.time += seconds

    def surroundings(self) -> Surroundings:
        """What following needs."""
        return Surroundings(self.ask, self.clock.now, self.pause, self.said.append)

    def told(self, until: float, *, begin: datetime = BEGIN) -> list[TraceSummaryTypeDef]:
        """What is told until that time."""
        found: list[TraceSummaryTypeDef] = []
        for news in follow(self.surroundings(), Told(), begin):
            found += news
            if self.time > until:
                return found
        raise AssertionError("following ended")


def refused(code: str, status: int) -> ClientError:
    """An answer of X-Ray's."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetTraceSummaries")


THROTTLED = refused("ThrottledException", 429)
AWAY = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
DELAYS = st.floats(0, OVERLAP.total_seconds() - 0.001)


@st.composite
def lives(draw: st.DrawFn) -> list[Change]:
    """Traces that change, some first in progress; each is listed within the overlap."""
    changes = []
    for number in range(draw(st.integers(0, 20))):
        time = draw(st.floats(0, 200))
        if draw(st.booleans()):
            changes.append(Change(number, time, draw(DELAYS), partial=True))
            time += draw(st.floats(0, 400))
        if draw(st.booleans()) or not changes or changes[-1].number != number:
            changes.append(Change(number, time, draw(DELAYS), partial=False))
    return changes


@given(lives(), st.lists(st.sampled_from((None, THROTTLED, AWAY)), max_size=9))
def test_every_trace_is_told_and_none_twice(changes: list[Change], failures: list[Exception | None]) -> None:
    """Also where X-Ray throttles or is away in between, for longer than the overlap."""
    service = Service(changes, failures)
    found = service.told(until=1500)
    partial = [one["Id"] for one in found if one.get("IsPartial")]
    whole = [one["Id"] for one in found if not one.get("IsPartial")]
    assert len(partial) == len(set(partial))
    assert len(whole) == len(set(whole))
    numbers = {False: set[str](), True: set[str]()}
    for change in changes:
        numbers[change.partial].add(summary(change.number, partial=change.partial)["Id"])
    assert set(whole) == numbers[False]
    assert numbers[True] - set(whole) <= set(partial) <= numbers[True]


def test_one_question_tells_the_oldest_first() -> None:
    """A partial one before itself as whole is told whole alone."""
    service = Service(
        [Change(number, time, 0, partial=False) for number, time in ((1, -3), (2, -9), (3, -6))]
    )
    world = service.surroundings()
    news = next(follow(world, Told(), at(-10)))
    assert [int(one["Id"][-1]) for one in news] == [2, 3, 1]


def test_throttling_slows_down_and_gets_over() -> None:
    """Twice as long each time, once a minute at the least; then down again; each is said."""
    service = Service(failures=[THROTTLED] * 8)
    service.time = 1.0
    assert service.told(until=500) == []
    doubled = [INTERVAL_SECONDS * 2**n for n in range(1, 9)]
    assert service.pauses[:8] == [min(pause, INTERVAL_MAX_SECONDS) for pause in doubled]
    assert service.pauses[8:10] == [INTERVAL_MAX_SECONDS / 2, INTERVAL_MAX_SECONDS / 4]
    assert all("X-Ray throttles" in line for line in service.said)
    assert len(service.said) == 8


def test_who_stays_away_ends_it() -> None:
    """After ten failures in a row; fewer are got over, and throttling is no failure."""
    with pytest.raises(EndpointConnectionError):
        Service(failures=[AWAY] * FAILURES_MAX).told(until=10_000)
    some = [AWAY] * (FAILURES_MAX - 1)
    Service(failures=[*some, None, *some, THROTTLED, *some]).told(until=3_000)


@pytest.mark.parametrize("code", ["InvalidRequestException", "AccessDeniedException"])
def test_a_refusal_ends_it_at_once(code: str) -> None:
    """Asking again would not help."""
    with pytest.raises(ClientError):
        Service(failures=[refused(code, 400)]).told(until=1)


def test_after_a_long_silence_it_catches_up_an_hour_at_a_time() -> None:
    """Without pauses, and leaves nothing out."""
    hours = [Change(number, 3600.0 * number, 0, partial=False) for number in range(20)]
    service = Service(hours)
    news = follow(service.surroundings(), Told(), BEGIN)
    assert [one["Id"] for one in next(news)] == []
    service.time = 20 * 3600 + 1
    found = [one["Id"] for one in next(news)]
    while service.asked[-1].end < at(20 * 3600):
        found += [one["Id"] for one in next(news)]
    assert len(service.pauses) == 1, "but for the last hour's"
    assert all(one.end - one.begin <= CATCH_UP_MAX for one in service.asked)
    assert all(two.begin <= one.end for one, two in itertools.pairwise(service.asked))
    assert found == [summary(number, partial=False)["Id"] for number in range(20)]


def test_of_what_was_there_before_the_newest_are_told() -> None:
    """The others are said to be there, and are not told later as if they were new, unless they change."""
    changes = [Change(number, -5.0 * number, 0, partial=number == 9) for number in range(1, 20)]
    service = Service(changes)
    news = follow(service.surroundings(), told := Told(), at(-3600), 3)
    assert [int(one["Id"][-2:], 16) for one in next(news)] == [3, 2, 1]
    assert service.said == ["older ones are not shown; LIMIT shows more"]
    assert next(news) == []
    service.changes.append(Change(9, service.time, 0, partial=False))
    assert [int(one["Id"][-2:], 16) for one in next(news)] == [9]
    assert (told.traces, told.partial) == (4, 0)


def test_no_more_windows_are_asked_for_than_the_newest_need() -> None:
    """Of a month nothing but the last minutes, where these have enough."""
    service = Service([Change(number, -5.0 * number, 0, partial=False) for number in range(1, 20)])
    next(follow(service.surroundings(), Told(), BEGIN - timedelta(days=30), 3))
    assert [one.begin for one in service.asked] == [at(-600)]


@pytest.mark.parametrize("ahead", [180.0, 7200.0, -180.0, -7200.0])
@pytest.mark.parametrize("since", [600, 60])
def test_a_wrong_clock_loses_nothing(ahead: float, since: int) -> None:
    """Neither one that is ahead nor one that is behind: the service's answers tell the time."""
    changes = [Change(number, 3.0 + 7 * number, 20.0, partial=False) for number in range(40)]
    service = Service(changes, ahead=ahead)
    found = service.told(until=600, begin=at(ahead - since))
    assert [one["Id"] for one in found] == [summary(number, partial=False)["Id"] for number in range(40)]


def test_a_clock_that_is_set_back_loses_nothing() -> None:
    """Also while it follows."""
    service = Service([Change(number, 3.0 + 7 * number, 20.0, partial=False) for number in range(40)])
    behind = [0.0]
    service.clock = ServiceClock(lambda: at(service.time - behind[0]))
    found = []
    for news in follow(service.surroundings(), Told(), BEGIN):
        found += news
        if service.time > 100:
            behind[0] = 3600.0
        if service.time > 600:
            break
    assert {one["Id"] for one in found} == {summary(number, partial=False)["Id"] for number in range(40)}
    assert len(found) == 40


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Sat, 21 Nov 2026 01:00:00 GMT", 1),
        ("Sat, 21 Nov 2026 00:00:04 GMT", 0),
        ("", 0),
        ("soon", 0),
        ("Sat, 21 Nov 2026 99:00:00 GMT", 0),
    ],
)
def test_the_clock_follows_the_answers(date: str, hour: int) -> None:
    """A few seconds say nothing; neither does what is no date."""
    clock = ServiceClock(lambda: BEGIN)
    clock.note({"date": date})
    clock.note({"date": date})
    assert clock.now() == BEGIN + timedelta(hours=hour)


def test_the_clock_of_answers_that_are_none() -> None:
    """An answer without a date changes nothing."""
    clock = ServiceClock(lambda: BEGIN)
    clock.note({})
    assert clock.now() == BEGIN


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40), st.integers(1, 5))
def test_the_newest_are_kept(seen: list[tuple[int, bool]], most: int) -> None:
    """Each once, and whole where it was seen whole while it was among them."""
    newest = Newest(most)
    newest.take(summary(number, partial=partial, seconds=number) for number, partial in seen)
    numbers = sorted({number for number, _ in seen}, reverse=True)[:most]
    assert sorted((int(one["Id"][-1]) for one in newest.kept), reverse=True) == numbers
    assert newest.left_out == (len({number for number, _ in seen}) > most)
    if len({number for number, _ in seen}) <= most:
        assert {one["Id"] for one in newest.kept if not one.get("IsPartial")} == {
            summary(number, partial=False)["Id"] for number, partial in seen if not partial
        }


def test_memory_does_not_grow_with_what_was_there_before() -> None:
    """A month of many traces is passed through, not kept."""

    def many(count: int) -> int:
        def ask(asked: Range) -> Iterator[TraceSummaryTypeDef]:
            for number in range(count if asked.begin < at(-600) else 0):
                yield summary(number, partial=False, seconds=-number)

        tracemalloc.start()
        try:
            world = Surroundings(ask, lambda: BEGIN, lambda _: None, lambda _: None)
            assert len(next(follow(world, Told(), BEGIN - timedelta(days=30), 10))) == 10
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    many(100)
    assert many(20_000) < many(100) + 100_000


def test_memory_is_bounded() -> None:
    """The oldest is forgotten first; what is asked for again stays."""
    told = Told(most=2)
    for number in (1, 2, 1, 3):
        told.is_news(summary(number, partial=True))
    assert not told.is_news(summary(1, partial=True))
    assert told.is_news(summary(2, partial=True))
    assert told.partial == 2
    assert told.traces == 4


@pytest.mark.parametrize("times", range(len(PAUSES_SECONDS) + 2))
def test_a_single_question_has_patience_with_throttling(times: int) -> None:
    """It is asked again after each pause; when it lasts, that is told."""
    failures = iter([THROTTLED] * times)
    pauses: list[float] = []

    def ask() -> str:
        failure = next(failures, None)
        if failure is not None:
            raise failure
        return "answer"

    if times <= len(PAUSES_SECONDS):
        assert patiently(ask, pause=pauses.append) == "answer"
        assert pauses == list(PAUSES_SECONDS[:times])
    else:
        with pytest.raises(ClientError):
            patiently(ask, pause=pauses.append)


def test_a_single_question_has_no_patience_with_a_refusal() -> None:
    """It would be refused again."""
    pauses: list[float] = []

    def ask() -> None:
        raise refused("InvalidRequestException", 400)

    with pytest.raises(ClientError):
        patiently(ask, pause=pauses.append)
    assert pauses == []
