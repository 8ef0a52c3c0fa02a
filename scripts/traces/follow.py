"""New traces as they come: asked for again and again, none lost between two questions, none told twice.

X-Ray is asked for what changed (time range type Event) since the last question that it answered, and two
minutes before that again, since a trace is listed some seconds after it changed. Of what there was before,
the newest are told; what is kept of all others is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from scripts.aws import FAILURES
from scripts.traces.newest import Newest
from scripts.traces.patience import is_passing, is_throttling
from scripts.traces.reading import started
from scripts.traces.times import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mypy_boto3_xray.type_defs import TraceSummaryTypeDef

OVERLAP = timedelta(minutes=2)
CATCH_UP_MAX = timedelta(hours=1)
"""After a long silence so much is asked for at once."""
NEWEST_MAX = 1000
INTERVAL_SECONDS = 2.0
INTERVAL_MAX_SECONDS = 60.0
FAILURES_MAX = 10
REMEMBERED_MAX = 100_000
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class _Known:
    """What is remembered of a trace: whether it was seen whole, and whether it was told."""

    whole: bool
    told: bool


_KNOWN = {(whole, told): _Known(whole, told) for whole in (False, True) for told in (False, True)}


class Told:
    """Which traces were seen, and whether whole; the oldest are forgotten beyond a hundred thousand.

    ``traces`` counts those that were told.
    """

    def __init__(self, most: int = REMEMBERED_MAX) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._most = most
        self.traces = 0

    def is_news(self, summary: TraceSummaryTypeDef) -> bool:
        """Tell whether this is new, or whole for the first time, and take note that it is told."""
        before = self._known.get(summary["Id"])
        whole = not summary.get("IsPartial")
        news = before is None or (whole and not before.whole)
        was_told = before is not None and before.told
        self.traces += news and not was_told
        self._remember(
            summary["Id"], whole=whole or (before is not None and before.whole), told=news or was_told
        )
        return news

    def pass_over(self, identity: str, *, whole: bool) -> None:
        """Take note of a trace that isn't told as it is now, so that it doesn't count as new."""
        before = self._known.get(identity)
        self._remember(
            identity,
            whole=whole or (before is not None and before.whole),
            told=before is not None and before.told,
        )

    def _remember(self, identity: str, *, whole: bool, told: bool) -> None:
        self._known[identity] = _KNOWN[whole, told]
        self._known.move_to_end(identity)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    @property
    def partial(self) -> int:
        """How many were told in progress, and not whole since."""
        return sum(one.told and not one.whole for one in self._known.values())


@dataclass(frozen=True)
class Surroundings:
    """What following needs of the world: X-Ray, its clock, a way to wait, and somebody to tell of trouble."""

    ask: Callable[[Range], Iterable[TraceSummaryTypeDef]]
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    say: Callable[[str], None]


def follow(
    world: Surroundings, told: Told, begin: datetime, most: int = NEWEST_MAX
) -> Iterator[list[TraceSummaryTypeDef]]:
    """Yield the newest *most* that changed since *begin*, then what is new at each question; endless.

    Each list has the oldest first. Where X-Ray throttles it is asked less often, down to once a minute; so
    too where it can't be reached. Raises what asking raises: at once where asking again would not help, else
    after ten failures in a row.
    """
    pace = _Pace(world)
    reached, newest = pace.answer(partial(_newest, world, begin, most))
    if newest.left_out:
        world.say("older ones are not shown; LIMIT shows more")
    news = _news(told, newest.kept)
    for identity, whole in newest.last:
        told.pass_over(identity, whole=whole)
    first = begin
    while True:
        yield news
        if reached >= world.now() - CATCH_UP_MAX:
            world.pause(pace.interval)
        # Where this clock was so far ahead that nothing lay behind `first`, that says nothing.
        begin = max(first, reached - OVERLAP) if first < reached else reached - OVERLAP
        reached, found = pace.answer(partial(_changed, world, begin))
        news = _news(told, found)


def _newest(world: Surroundings, begin: datetime, most: int) -> tuple[datetime, Newest]:
    """Return the newest of what changed from *begin* up to now, and up to when that is known.

    The search goes back window by window, and ends with the one that has the last of them.
    """
    end = world.now()
    newest = Newest(most)
    for place, window in enumerate(Range(begin, end).windows()):
        newest.take(world.ask(window), is_last=place == 0)
        if newest.left_out:
            break
    # An answer may have put the clock right.
    return min(end, world.now()), newest


def _changed(world: Surroundings, begin: datetime) -> tuple[datetime, list[TraceSummaryTypeDef]]:
    """Return what changed from *begin* up to now, an hour's at most, and up to when that is known.

    X-Ray is asked also where the clock went back behind *begin*: its answer tells the right time.
    """
    now = world.now()
    end = min(now, begin + CATCH_UP_MAX)
    found = list(world.ask(Range(min(begin, end - OVERLAP), end)))
    return min(end, world.now()), found


def _news(told: Told, found: Iterable[TraceSummaryTypeDef]) -> list[TraceSummaryTypeDef]:
    # A trace may be on two pages; of both, the one that is whole counts.
    ordered = sorted(found, key=lambda summary: (bool(summary.get("IsPartial")), started(summary)))
    return sorted((summary for summary in ordered if told.is_news(summary)), key=started)


class _Pace:
    """How long to wait between two questions: longer after failures, until it is answered again."""

    def __init__(self, world: Surroundings) -> None:
        self._world = world
        self._failures = 0
        self.interval = INTERVAL_SECONDS

    def answer(self, ask: Callable[[], _Answer]) -> _Answer:
        """Return what *ask* returns, asked again after failures. Raises what helps nobody to ask again."""
        while True:
            try:
                found = ask()
            except FAILURES as error:
                self._failed(error)
                self._world.pause(self.interval)
            else:
                self._failures, self.interval = 0, max(INTERVAL_SECONDS, self.interval / 2)
                return found

    def _failed(self, error: Exception) -> None:
        throttled = is_throttling(error)
        self._failures = 0 if throttled else self._failures + 1
        if not throttled and (self._failures >= FAILURES_MAX or not is_passing(error)):
            raise error
        self.interval = min(2 * self.interval, INTERVAL_MAX_SECONDS)
        why = "X-Ray throttles" if throttled else f"X-Ray can't be asked ({type(error).__name__})"
        self._world.say(f"{why}: asking again in {self.interval:.0f} s; nothing is lost by that")
