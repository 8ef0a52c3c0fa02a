"""Lines on their way elsewhere: never waited for, bounded, retried, counted."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from services.logging import shipping
from services.logging.shipping import Bounds, DeliveryError, Shipper, ShippingHandler

WAIT_SECONDS = 10.0
SMALL = Bounds(items=3, bytes=100, batch_items=2, batch_bytes=50, interval_seconds=0.01)


class _Place:
    """A destination that can be told to fail, and logs as it sends, as botocore does."""

    name = "the place"

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.failures: list[Exception] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def send(self, items: Sequence[Any]) -> int:
        logging.getLogger("anything").error("sending %d", len(items))
        assert self.may_answer.wait(WAIT_SECONDS)
        if self.failures:
            raise self.failures.pop(0)
        self.batches.append(list(items))
        return 0


class _Handler(ShippingHandler):
    def take(self, record: logging.LogRecord) -> None:
        self.shipper.put(record.getMessage(), 1)


def until(is_so: Callable[[], bool]) -> None:
    """Return once it is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def soon() -> float:
    """Return a deadline that is far enough."""
    return time.monotonic() + WAIT_SECONDS


@pytest.fixture
def place() -> _Place:
    """A destination."""
    return _Place()


@pytest.fixture
def shipper(place: _Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shipper]:
    """A shipper that waits little between attempts; not started."""
    monkeypatch.setattr(shipping, "FIRST_WAIT_SECONDS", 0.001)
    shipper = Shipper(place, SMALL)
    yield shipper
    place.may_answer.set()
    shipper.stop(soon())


def test_batches_stay_within_their_bounds(place: _Place, shipper: Shipper) -> None:
    """By number and by bytes; one that is larger than a batch goes alone; the order stays."""
    shipper.put("a", 1)
    shipper.put("b", 60)
    shipper.put("c", 1)
    shipper.start()
    shipper.stop(soon())
    assert place.batches == [["a"], ["b"], ["c"]]
    assert shipper.status()["sent"] == 3


def test_what_is_beyond_the_bounds_is_dropped_and_counted(place: _Place, shipper: Shipper) -> None:
    """By number and by bytes, without waiting for the one that is being sent."""
    place.may_answer.clear()
    shipper.start()
    shipper.put("on its way", 1)
    until(lambda: shipper.status()["queued"] == 1 and not shipper._queue)
    shipper.put("large", 99)
    shipper.put("no room for bytes", 2)
    for number in range(3):
        shipper.put(number, 0)
    assert shipper.status()["dropped"] == {"queue_full": 2}
    place.may_answer.set()
    shipper.stop(soon())
    assert shipper.status()["sent"] == 4


def test_one_line_when_it_goes_down_and_one_when_it_is_back(
    place: _Place, shipper: Shipper, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it fails in between; nothing that was taken is lost by trying again."""
    place.failures = [DeliveryError("HTTP 500: wait", cause="500") for _ in range(4)]
    shipper.start()
    shipper.put("a", 1)
    until(lambda: shipper.status()["sent"] == 1)
    told = [record.getMessage() for record in caplog.records if record.name == shipping.__name__]
    assert told == [
        "log lines don't reach the place: HTTP 500: wait; they are tried again, then dropped and counted",
        "log lines reach the place again; 0 dropped so far",
    ]
    assert shipper.status()["last_error"] is None


@pytest.mark.parametrize(
    ("failure", "tries"),
    [
        (DeliveryError("no", cause="400", is_final=True), 1),
        (DeliveryError("no", cause="500"), shipping.ATTEMPTS_MAX),
        (ValueError("of whatever kind"), 1),
    ],
)
def test_after_the_attempts_it_is_dropped_by_cause(
    place: _Place, shipper: Shipper, failure: Exception, tries: int
) -> None:
    """What can't be helped by waiting is not tried again; the next batch goes all the same."""
    place.failures = [failure] * tries
    shipper.start()
    shipper.put("lost", 1)
    until(lambda: bool(shipper.status()["dropped"]))
    shipper.put("next", 1)
    until(lambda: place.batches == [["next"]])
    cause = getattr(failure, "cause", "ValueError")
    assert shipper.status()["dropped"] == {cause: 1}


def test_the_stop_keeps_its_deadline_and_counts_what_is_left(place: _Place, shipper: Shipper) -> None:
    """A destination that hangs holds nothing up; each line is sent or counted, never both."""
    place.may_answer.clear()
    shipper.start()
    shipper.put("hangs", 1)
    until(lambda: shipper.status()["queued"] == 1 and not shipper._queue)
    shipper.put("waits", 1)
    shipper.stop(time.monotonic() + 0.05)
    shipper.put("late", 1)
    expected = {"not_sent_at_stop": 2, "stopped": 1}
    assert shipper.status()["dropped"] == expected
    place.may_answer.set()
    assert shipper._thread is not None
    shipper._thread.join(WAIT_SECONDS)
    assert (shipper.status()["sent"], shipper.status()["dropped"]) == (0, expected)


def test_lines_of_sending_lines_are_not_sent(place: _Place, shipper: Shipper) -> None:
    """Else each batch would make the next one."""
    handler = _Handler(shipper)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        shipper.start()
        logging.getLogger("anything").error("one")
        until(lambda: shipper.status()["sent"] == 1)
        shipper.stop(soon())
    finally:
        root.removeHandler(handler)
    assert place.batches == [["one"]]


def test_a_line_that_cannot_be_made_costs_nothing_but_itself(place: _Place, shipper: Shipper) -> None:
    """Arguments that don't fit the message: counted, not raised."""
    record = logging.LogRecord("name", logging.INFO, "path", 1, "%d", ("no number",), None)
    _Handler(shipper).emit(record)
    assert shipper.status()["dropped"] == {"malformed": 1}
